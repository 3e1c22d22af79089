/** Writes docs/reference/: the pages and schemas that are generated from the code. */
import { writeFileSync } from 'node:fs'
import { docs } from './docs.ts'

for (const [file, text] of docs()) writeFileSync(new URL(`../docs/reference/${file}`, import.meta.url), text)
