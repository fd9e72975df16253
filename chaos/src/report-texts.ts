/** The parts of docs/reliability.md that no run writes. */

export const HOW_TO_READ = `**How to read it.** N is how many times it could have been broken, *broken* how many times it was. Nothing seen in N tries
is no proof: *at most* is 3/N, below which the true rate lies with a probability of 95 %. It holds for faults like these, on a
machine like this one.

**How it is judged.** Each file inserts into a table without a key in the target, with the backend and the name that ran it, so
that what ran twice is there twice; two executors at the same time are counted by a sequence, which does not roll back. Writes of
workers are recorded by triggers that the harness puts into the control database, by the role of each worker. None of it asks
the program for its own account. Of a rollout, triggers record at each start what is under way just then, and every 30 ms the
targets' servers are asked how many databases are being worked in; its counts and events are then held against its targets, and
these against what each database has in it.

**How it is broken.** Processes are killed and stopped by signals; Redis is killed and emptied; servers are crashed (an immediate
shutdown); backends are terminated; disks are filled up. Between each process and each server stands a proxy that knows the protocol: it holds or cuts
a connection at a named message, or leaves it half-open, so that rare moments, such as that between the target's commit and the write in the control
database, come for certain. The product has no hooks for any of this. Workers run with a lease of 2 s instead of 15 and look for
lost ones every 0.3 s instead of every 2, or the long run would take a day: where a time is claimed, such as the 10 s of
invariant 3, add 13 s for the usual lease.`;

export const OPERATOR_TABLE = `| fault | what you see | what you need to do |
| --- | --- | --- |
| a worker is killed, or its machine is gone | the attempt ends as \`lost\`; within the lease (15 s) another worker goes on by the ledger | nothing; start another |
| a worker stands still and comes back | the same; what it then still writes finds no row, and its backend has been ended | nothing |
| an API is killed | a request without an answer; its deployment is there or not, never half | send it again with the same Idempotency-Key |
| Redis is killed, restarted, or emptied | answers are 202 as before; what is entered is rung for within seconds of Redis being back | start Redis |
| the control database is away, or half-open | 503 with \`Retry-After\` within 2 s; runs are stopped before another could take them | start it; nothing else |
| the disk of the control database is full | 503 with \`Retry-After\`; what was answered 202 stays, and goes on when there is room | make room |
| the answer to a write in the control database is lost | nothing: it is written once, however often it is sent | nothing |
| a target's server crashes or restarts | \`waitingFor\` a time, with the reason; tried again by itself | nothing, unless it stays away |
| a backend is terminated | the file is rolled back and run again, or found in the ledger | nothing |
| the network is cut in the middle, or left half-open | as for a backend that is terminated: the ledger is asked; a run that still holds the target is ended | nothing |
| the disk of a target is full | \`failed\` with SQLSTATE 53100; the file is rolled back, those before it stay applied | make room, then deploy or retry: it carries on |
| a build of an index is interrupted | an invalid index of ours is dropped and built again | nothing |
| a CALL or DO that commits is interrupted | \`needs_attention\`, with what is known | look at the target, then \`npx postgres-manager resolve\` |
| a table is in use for long | the ALTER gives up after \`lock_timeout\`, and tries again; users wait no longer than that | nothing, or end the long transaction |
| clocks differ | nothing: leases are counted by the control database's clock | nothing |
| any of these amid a rollout | it stands still for 20 s at most, then goes on by itself; each target ends as it would have | nothing |
| a rolling restart | deployments under way are finished, or handed to another worker | nothing |
| a DSN leads to another database, a standby, a clone or a pooler | \`failed\` before the first statement, with its code | mend the DSN, or \`{"acceptIdentity": true}\` where it is meant |
| an Idempotency-Key comes with another body | 422 | use a new key |`;

export const LIMITS = `- The machine never lost its power: servers run with \`fsync = off\`, since only processes die here.
- A physical copy of a whole server, under the same database name, can't be told from the original by what it says of itself.
- A target of a rollout that is made to fail may end otherwise where a worker or a connection was lost in the middle of it,
  and that is taken as right: in \`needs_attention\` where nobody could read its ledger since, or where as many workers were
  lost with it as it may have tries; one that fails at a lock with what its last try met (\`unreachable\`, \`connection_lost\`).
- Row contents in a server's primary message (a value that could not be cast, say) are part of that message, and are shown:
  what is kept out is the server's \`detail\`.
- Clocks: workers run with clocks that are up to an hour apart, made by shifting \`Date\` in their processes. The clocks of the
  database servers were not moved.
- The 10 s of invariant 3 are counted for deployments that one kill struck. With four deployments in each worker and a kill
  every half second, one that was struck five times over took 14.6 s from the first.
- The servers are all of one version, the embedded one.
- A full disk: the write-ahead log lay on another one. Where that is full, PostgreSQL ends itself until there is room: for the
  service that is a server that crashed and stays away.
- What is left half-open at the worker's end is cut by the proxy after a few seconds. On a real network the kernel does that:
  within half a minute where the worker only listens; where it has just sent something, when it gives up sending again
  (\`net.ipv4.tcp_retries2\`: about 15 minutes).`;

export const REPEAT = `\`\`\`sh
npm run chaos                                   # everything at full size; writes this page
npm run chaos -- --short                        # a few minutes, a fixed seed; what CI runs
npm run chaos -- --only 1,7 --seed 4711         # what is about these invariants
npm run chaos -- --only half-open,full-disk     # these experiments; a full disk takes root, to mount a small one
npm run chaos -- --only 4 --short --break shared-target-lock   # with a defect put in: it has to fail
npm run chaos -- --report                       # this page anew from chaos/results.json
\`\`\`

A seed decides what is broken, where and about when; processes and kernel decide the rest, so a run can be repeated, but not to
the microsecond. It starts Postgres servers, a Redis, APIs and workers of its own on free ports, and ends them all, also on Ctrl-C.`;
