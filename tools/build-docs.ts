/** Writes the parts of docs/ that are made from the code: the JSON Schemas of a detection and of report.json. */
import { writeFileSync } from 'node:fs'
import { docs } from './docs.ts'

for (const [file, text] of docs()) writeFileSync(new URL(`../docs/${file}`, import.meta.url), text)
