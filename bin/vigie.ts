#!/usr/bin/env node
/** Starts the command line. What was compiled once is kept beside the packages, for later commands to start sooner. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/vigie', import.meta.url)))
await import('./cli/main.ts')
