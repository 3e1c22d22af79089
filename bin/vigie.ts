#!/usr/bin/env node
/** Starts the command line with a small heap and a compile cache next to the packages. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { keepHeapSmall } from './cli/home/heap.ts'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/vigie', import.meta.url)))
keepHeapSmall()
const { main } = await import('./cli/main.ts')

// A reader that closes the pipe early, such as head, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
await main(process.argv.slice(2))
