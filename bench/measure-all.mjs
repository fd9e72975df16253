import { allContenders } from './contenders/index.mjs';
import { Databases } from './databases.mjs';
import { describeMachine, describeVersions, measureFlushMs } from './machine.mjs';
import { compare } from './sections/comparison.mjs';
import { measureMemory } from './sections/memory.mjs';
import { measureNothingToDo } from './sections/nothing-to-do.mjs';
import { findPsql, findServers, startServer } from './servers.mjs';
import { judge } from './targets.mjs';
import { allWorkloads } from './workloads.mjs';

/**
 * Runs what the options ask for, server by server.
 * @param {(results: object) => void} keep is given what there is after each server, so that a late fault loses little
 * @param {(line: string) => void} say
 * @returns the results, as bench/results.json keeps them
 */
export async function measureAll(options, keep, say) {
  const psql = findPsql();
  const contenders = availableContenders(allContenders(psql), options, say);
  const workloads = allWorkloads().filter(chosen(options.workloads));
  const servers = findServers().filter(chosen(options.servers));
  const results = {
    date: new Date().toISOString().slice(0, 10),
    rounds: options.rounds,
    machine: describeMachine(),
    versions: describeVersions(psql),
    servers: [],
    workloads: allWorkloads().map(({ id, label, files }) => ({ id, label, files: files.length })),
    comparisons: [],
    nothingToDo: [],
    memory: [],
  };
  say(`${results.machine.cores} cores, ${results.machine.cpu}, ${results.machine.system}`);
  say(
    Object.entries(results.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );

  for (const found of servers) {
    const { id, label, version, origin, storage } = found;
    const flushMs = measureFlushMs(found.directory);
    results.servers.push({ id, label, version, origin, storage, flushMs });
    say(`\n${label}: one write reaches the disk in ${flushMs.toFixed(2)} ms`);
    await withServer(found, (server, databases) =>
      measureServer({
        server,
        databases,
        main: found === servers[0],
        contenders,
        workloads,
        psql,
        options,
        results,
        say,
      }),
    );
    keep(results);
  }
  say('');
  for (const { target, figure, met } of judge(results)) say(`${met ? 'met    ' : 'NOT MET'}  ${target}: ${figure}`);
  return results;
}

/** On the main server everything is measured, on the others the comparison over loopback. */
async function measureServer({ server, databases, main, contenders, workloads, psql, options, results, say }) {
  const tool = contenders.find(({ id }) => id === 'postgres-manager') ?? null;
  const wanted = (section) => options.sections.includes(section);
  if (wanted('nothing-to-do') && workloads[0] !== undefined) {
    const { pairs } = options;
    results.nothingToDo.push(await measureNothingToDo({ server, databases, tool, workload: workloads[0], pairs, say }));
  }
  if (wanted('comparison')) {
    const { rounds } = options;
    for (const roundTripMs of options.rttsMs.filter((ms) => main || ms === 0)) {
      results.comparisons.push(
        ...(await compare({ server, databases, contenders, workloads, roundTripMs, rounds, say })),
      );
    }
  }
  if (wanted('memory') && server.storage === 'disk') {
    results.memory.push(await measureMemory({ server, databases, tool, psql, say }));
  }
}

/** Stops the server and removes its files however the work ends, Ctrl-C included. */
async function withServer(found, work) {
  const server = await startServer(found);
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    const databases = await Databases.open(server);
    await Promise.race([work(server, databases), interrupted]);
    await databases.close();
  } catch (error) {
    const lastWords = server.lastWords();
    throw lastWords === null ? error : new Error(`the server went away, saying:\n${lastWords}`, { cause: error });
  } finally {
    process.removeAllListeners('SIGINT');
    process.removeAllListeners('SIGTERM');
    await server.stop();
  }
}

function availableContenders(all, options, say) {
  const wanted = all.filter(chosen(options.contenders));
  for (const { label, unavailable } of wanted) if (unavailable !== null) say(`Left out: ${label}: ${unavailable}`);
  const available = wanted.filter(({ unavailable }) => unavailable === null);
  if (options.save && available.length < all.length) {
    throw new Error('some contenders are left out, so these figures would not make a whole report');
  }
  return available;
}

/** @param {string[] | null} ids */
function chosen(ids) {
  return ({ id }) => ids === null || ids.includes(id);
}
