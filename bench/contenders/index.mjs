import { dbmate } from './dbmate.mjs';
import { lowerBound } from './lower-bound.mjs';
import { nodePgMigrate } from './node-pg-migrate.mjs';
import { postgrator } from './postgrator.mjs';
import { postgresManager } from './postgres-manager.mjs';
import { psqlPerFile, psqlSession } from './psql.mjs';

/**
 * Everything that is compared, in the order of the tables.
 * @param {string | null} psql the path of psql
 */
export function allContenders(psql) {
  return [
    postgresManager(),
    lowerBound(),
    psqlSession(psql, { durable: true }),
    psqlSession(psql, { durable: false }),
    dbmate(),
    postgrator(),
    nodePgMigrate(),
    psqlPerFile(psql),
  ];
}

/** How often a contender is run: the slow ones take minutes over a slow network, and vary little there. */
export function roundsFor(contender, roundTripMs, rounds) {
  if (contender.pace === 'slow' && roundTripMs > 0) return Math.min(rounds, roundTripMs < 5 ? 2 : 1);
  if (contender.pace === 'steady' && roundTripMs > 5) return Math.min(rounds, 2);
  return rounds;
}
