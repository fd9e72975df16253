/** What the general help says of the commands for a service. */
export const CLIENT_OVERVIEW = `Commands for a service (--server or POSTGRES_MANAGER_SERVER, and the key in POSTGRES_MANAGER_KEY)
  deploy       have a target deployed: --target NAME --mode create|deployment|manual-deployment
  targets      list targets; \`targets NAME\` shows one; \`targets add NAME\`, \`targets remove NAME\`
  deployments  list deployments; \`deployments ID\` shows one
  logs         show what happened in a deployment; --follow shows it live
  cancel       end a deployment
  retry        make the same deployment again
  approve      show what a deployment that waits would run; \`approve ID --plan DIGEST\` lets exactly that run
  reject       say no to a deployment that waits for an approval
  resolve      say what became of an interrupted file: resolve ID FILE --applied|--not-applied
  rollout      bring many targets to a bundle in waves: start, list, show, targets, follow, pause, resume, cancel,
               retry-failed, skip, promote, approve, reject
  fleet        show where every target stands, and who is the odd one out
  freezes      list freezes; \`freezes create\`, \`freezes lift ID\`
  webhooks     have changes told to a URL: list, add, remove, enable, disable, rotate-secret, test, deliveries, resend
  protections  list what needs an approval; \`protections create\`, \`protections remove ID\`
  keys         list keys; \`keys create\`, \`keys revoke ID\`
  workers      list workers
  audit        list who changed what; \`audit verify\` tells whether that list was tampered with
`;

export const WITH_SERVER = `With a service
  --server URL               its address; or POSTGRES_MANAGER_SERVER
  --connect-timeout SECONDS  how long a service that is away is asked again (30; 300 while following)
  --json                     one JSON object per line on stdout; the last one is the result
The key is read from POSTGRES_MANAGER_KEY alone: \`ps\` and the shell's history show a command line.
`;

/** More about one command. \`deploy\` is both: on a DSN, and through a service. */
export const CLIENT_TOPICS: Readonly<Record<string, string>> = {
  targets: `postgres-manager targets [--label NAME=VALUE …] [--limit N]
postgres-manager targets NAME [--bundle DIR]
postgres-manager targets add NAME --dsn-env VARIABLE|--dsn-stdin [--label NAME=VALUE …]
postgres-manager targets remove NAME

Lists targets, or shows where one stands; with --bundle also what it lacks of the folders in DIR.
  --dsn-env VARIABLE         the variable in the workers' environment that holds the DSN
  --dsn-stdin                read the DSN from standard input; the service keeps it encrypted
  --label NAME=VALUE         list: those with it; add: give it; may be given several times
  --accept-pooler, --accept-identity, --lock-timeout MS, --statement-timeout MS
                             add: how its deployments are run. What is not given stays as it is
  --limit N                  how many to list (50)`,
  deployments: `postgres-manager deployments [--target NAME] [--mode MODE] [--status STATUS] [--since WHEN] [--until WHEN] [--limit N]
postgres-manager deployments ID

Lists deployments, newest first, or shows all about one. Exit code 0, whatever became of them.
  --status STATUS            awaiting_approval, scheduled, queued, running, cancelling, succeeded, failed, cancelled or
                             needs_attention
  --since, --until WHEN      30m, 12h, 7d ago, or a moment such as 2030-04-06T09:00:00Z
  --limit N                  how many to list (50)`,
  logs: `postgres-manager logs ID [--follow]

Shows what has happened in a deployment so far. With --follow it goes on until the end, and the exit code is that of
how the deployment ended. Ctrl-C ends the watching, not the deployment.`,
  cancel: `postgres-manager cancel ID [--wait]

Ends a deployment: one that waits at once, one that runs when its statement is cancelled and rolled back. What was
applied before stays. With --wait until it has ended, with the exit code of how it did (cancelled: 1).`,
  retry: `postgres-manager retry ID [--wait]

Makes a new deployment of the same bundle in the same mode; it carries on with what is not applied. With --wait as
deploy --wait.`,
  approve: `postgres-manager approve ID
postgres-manager approve ID --plan DIGEST [--wait]

The first shows what a deployment that waits for an approval would run, and its digest; the second lets it run, if it is
still that. Needs a key of the role approver, and not the one that asked for it. With --wait as deploy --wait.`,
  reject: `postgres-manager reject ID --reason TEXT

Says no to a deployment that waits for an approval: it is cancelled, with the reason. Needs a key of the role approver.`,
  rollout: `postgres-manager rollout start --mode MODE [--bundle DIR] --label NAME=VALUE …|--targets NAME,…|--all [--wait]
postgres-manager rollout [list] [--status STATUS] [--limit N]
postgres-manager rollout show|follow ID
postgres-manager rollout targets ID [--state STATE] [--wave N] [--limit N]
postgres-manager rollout pause|cancel ID [--reason TEXT]
postgres-manager rollout resume ID [--bundle DIR] [--retry-failed] [--wait]
postgres-manager rollout retry-failed ID [--bundle DIR] [--wait]
postgres-manager rollout skip ID --targets NAME,… --reason TEXT
postgres-manager rollout promote ID [--wave N]
postgres-manager rollout approve ID [--plan DIGEST] [--wave N] [--wait]
postgres-manager rollout reject ID --reason TEXT

Brings many targets to a bundle, wave by wave, and stops when more fails than may.
  --label NAME=VALUE         targets with it; the same name again: either value; another name: both
  --targets NAME,NAME        by name, in this order; skip: those to leave out
  --all                      every target that the key may use
  --bundle DIR               push the three folders in DIR; resume, retry-failed: go on with these, and try again what failed
  --waves LIST               1,10%,rest is what it does without: a number, a share of all, NAME=VALUE|VALUE, or rest
  --max-parallel N           so many targets under way at a time (20)
  --max-parallel-per-server N  and so many of one server (4)
  --failure-budget N|N%      stop when more have failed (0)
  --between auto|manual|SECONDS  what comes between waves: nothing, \`rollout promote\`, or a time (auto)
  --window TEXT              start nothing outside it: 'mon-fri 22:00-04:00 Europe/Berlin'
  --not-before, --priority, --idempotency-key  as with deploy
  --dry-run                  show what each target needs and change nothing; or DRY_RUN=true
  --accept-trouble           begin though it is known of some targets that they would refuse the bundle
  --plan DIGEST              approve: what was shown without it
  --retry-failed             resume: try again what failed, too
  --wait                     show it live until it has ended or stopped; the exit code is that of how it did
  --status, --state, --wave, --limit  which to list
Exit codes with --wait and of follow: 0 all succeeded, 1 stopped, failed or cancelled, 5 when a target needs a person.
Ctrl-C ends the watching, not the rollout.`,
  fleet: `postgres-manager fleet [--bundle DIR] [--label NAME=VALUE …] [--state STATE]

Shows where every target stands as workers last saw it: what is applied, who differs from most, when it was seen. With
--bundle also what each lacks of the folders in DIR. Exit code 0, whatever it says.
  --state STATE              never_seen, moving, failed, changed, behind, current or seen`,
  freezes: `postgres-manager freezes
postgres-manager freezes create --label NAME=VALUE …|--all --reason TEXT
postgres-manager freezes lift ID

Lists freezes, or lets nothing start on targets with all of these labels until it is lifted. What runs goes on.
  --all                      on every target
  --reason TEXT              shown wherever something waits for it`,
  webhooks: `postgres-manager webhooks
postgres-manager webhooks add URL [--events TYPE,…] [--label NAME=VALUE …] [--description TEXT]
postgres-manager webhooks remove|enable|rotate-secret|test ID
postgres-manager webhooks disable ID [--reason TEXT]
postgres-manager webhooks deliveries ID [--status pending|succeeded|failed] [--limit N]
postgres-manager webhooks resend ID DELIVERY

Lists webhooks, or has each change of a deployment or rollout posted to a URL, signed after Standard Webhooks. The
secret is shown once; in a pipe it is printed alone. All of it needs an admin's key without labels.
  --events TYPE,TYPE         such as 'deployment.failed,rollout.*' (all)
  --label NAME=VALUE         only what concerns targets with it
  --limit N                  how many deliveries to list (50)
\`test\` and \`resend\` wait for the first try: exit code 0 when it arrived, 1 when it did not.`,
  protections: `postgres-manager protections
postgres-manager protections create --label NAME=VALUE …|--target NAME|--all --reason TEXT
postgres-manager protections remove ID

Lists protections, or lets nothing run on some targets without an approval of another key; needs an admin's. What runs
goes on.
  --label NAME=VALUE         targets that have all of these
  --target NAME, --all       one target; every target
  --reason TEXT              shown wherever something waits for an approval`,
  keys: `postgres-manager keys
postgres-manager keys create --name NAME --role viewer|deployer|approver|admin [--label NAME=VALUE …] [--expires MOMENT]
postgres-manager keys revoke ID

Lists, makes and revokes keys; needs an admin's. A new key is shown once; in a pipe it is printed alone.
  --label NAME=VALUE         the key is for targets with it alone
  --expires MOMENT           such as 2030-04-06T09:00:00Z`,
  workers: `postgres-manager workers

Lists the workers, and how much each has to do.`,
  audit: `postgres-manager audit [--limit N]
postgres-manager audit verify [--head SEQ:HASH]

Lists who changed what, newest first; or recomputes the log's chain of hashes, with exit code 5 when it is broken.
Both need an admin's key.
  --head SEQ:HASH            verify: what an earlier one showed; the log must still hold it
  --limit N                  how many to list (50)`,
};

/** What \`deploy --help\` says beside the flags of a run on a DSN. */
export const DEPLOY_TOPIC = `postgres-manager --function create|deployment [--manual-deployment] [--dry-run]
postgres-manager deploy --server URL --target NAME --mode create|deployment|manual-deployment [--bundle DIR] [--wait]

The first runs from here on a DSN: \`postgres-manager --help\` has its flags. The second has a service do it:
  --target NAME              a target of the service
  --mode MODE                which folder: create, deployment or manual-deployment
  --bundle DIR               push the three folders in DIR; without it the service takes its own
  --wait                     show it live until its end; the exit code is that of how it ended
  --dry-run                  show what would be applied and change nothing; or DRY_RUN=true
  --on-error stop|continue   create: what to do after a failed file (stop)
  --priority N               -100 to 100: higher goes first in the target's line (0)
  --not-before MOMENT        not to begin before then, such as 2030-04-06T09:00:00Z
  --idempotency-key KEY      the same key again makes no second deployment
Without --wait the exit code is 0 once it is accepted; in a pipe its id is printed alone. Ctrl-C ends the watching, not
the deployment.`;
