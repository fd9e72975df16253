#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from '../dist/bundled/main.js';

// The SQL parser is WebAssembly. Compiling it a second time, optimised, costs 30 MB and a core
// for a gain that only files of many megabytes would see.
setFlagsFromString('--liftoff-only');

process.exitCode = await main(process.argv.slice(2));
