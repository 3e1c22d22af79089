/** The parts of docs/ that are made from the code, by file name. */
import { detectionJsonSchema } from '../lambdas/domain/detection/detection.ts'
import { schemaOfMembers, schemaOfType } from './type-schema.ts'

export const docs = (): ReadonlyMap<string, string> =>
  new Map([
    ['detection.schema.json', written(detectionJsonSchema())],
    ['cli.schema.json', written(schemaOfMembers('bin/cli/answers.ts', 'Answers'))],
    ['report.schema.json', written(schemaOfType('lambdas/domain/page/page.ts', 'Report'))],
  ])

const written = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`
