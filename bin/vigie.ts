#!/usr/bin/env node
/**
 * Starts the command line in a small heap. What was compiled once is kept beside the packages, for later commands to
 * start sooner.
 */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { keepHeapSmall } from './cli/home/heap.ts'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/vigie', import.meta.url)))
keepHeapSmall()
const { main } = await import('./cli/main.ts')

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
await main(process.argv.slice(2))
