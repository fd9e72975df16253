import { type Actor, createKey } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';
import { isLocalRequest } from '../sign-in/is-local-request.ts';

const KEY_NAME = 'npm start (this machine)';
const GOOD_FOR_MS = 12 * 3_600_000;

export const signInRoutes = [
  route({
    method: 'post',
    path: '/v1/sign-in',
    operationId: 'signIn',
    tag: 'Keys',
    summary: 'Sign in on this machine with the code that `npm start` shows',
    description:
      'Gives an admin’s key that is good for 12 hours. A code is good once, within 15 minutes of the start, for a program on the same machine that calls localhost; all else is refused in the same words.',
    role: null,
    params: schemas.nothing,
    query: schemas.nothing,
    body: z.strictObject({ code: z.string().max(200, 'Has more than 200 characters.') }),
    responses: {
      201: {
        description: 'Signed in.',
        schema: schemas.apiKey.pick({ name: true, role: true, expiresAt: true }).extend({ key: z.string() }),
      },
    },
    handle: async ({ body, request, response, services }) => {
      // In this order: whoever calls from elsewhere uses up no code.
      if (!isLocalRequest(request) || services.config.signInCodes?.take(body.code) !== true) throw refused();
      const actor: Actor = { name: 'npm start', keyId: null, requestId: String(response.locals['requestId']) };
      const expiresAt = new Date(Date.now() + GOOD_FOR_MS).toISOString();
      const wanted = { name: KEY_NAME, role: 'admin', labels: {}, expiresAt } as const;
      const { apiKey, key } = await createKey(services.db, wanted, actor, { removeEnded: true });
      return { status: 201, body: { key, name: apiKey.name, role: apiKey.role, expiresAt: apiKey.expiresAt } };
    },
  }),
];

/** The same for everything: no code, a used one, another machine. */
function refused(): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: 'sign_in_refused',
    detail: 'There is no signing in with this code from here. No key was made.',
    hint: 'A code of npm start works once, within 15 minutes, in a browser on the same machine; each start shows a new one. Or sign in with a key: that of npm start is in .local/api-key.',
  });
}
