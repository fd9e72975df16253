/** True under `npm run test:long`: tests that repeat something at random do it often then, and seldom otherwise. */
export const longRun = process.env.TEST_LONG === '1';
