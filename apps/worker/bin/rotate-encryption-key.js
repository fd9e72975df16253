#!/usr/bin/env node
import { rotateEncryptionKey } from '../dist/rotate-encryption-key.js';

process.exitCode = await rotateEncryptionKey((line) => process.stdout.write(`${line}\n`));
