#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { runProcess } from '../dist/process.js';

// The SQL parser is WebAssembly. Compiling it a second time, optimised, costs 30 MB and a core for little.
setFlagsFromString('--liftoff-only');
// Syntax trees are large and soon forgotten: V8 would keep room for more and more of them at once.
setFlagsFromString('--semi-space-growth-factor=1');

// Ended here and not by itself: a worker told to stop while it waits for its database still has a connection to try.
process.exit(await runProcess((text) => process.stderr.write(`${text}\n`)));
