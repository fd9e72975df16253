SELECT set_config('session_authorization', 'other', false);
