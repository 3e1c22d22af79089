/** Writes the parts of docs/ that are made from the code: the JSON Schema of a detection. */
import { writeFileSync } from 'node:fs'
import { detectionJsonSchema } from '../lambdas/domain/detection.ts'

const schema = new URL('../docs/detection.schema.json', import.meta.url)
writeFileSync(schema, `${JSON.stringify(detectionJsonSchema(), null, 2)}\n`)
