#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from '../dist/bundled/main.js';

// The SQL parser is WebAssembly. Compiling it a second time, optimised, costs 30 MB and a core
// for a gain that only files of many megabytes would see.
setFlagsFromString('--liftoff-only');
// Syntax trees are large and soon forgotten. With room for more of them at once (V8's way) a file of 50 MB takes
// 40 MB more memory, and no less time to speak of.
setFlagsFromString('--semi-space-growth-factor=1');

process.exitCode = await main(process.argv.slice(2));
