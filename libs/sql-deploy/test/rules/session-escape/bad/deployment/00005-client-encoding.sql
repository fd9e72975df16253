SET client_encoding TO 'latin1';
