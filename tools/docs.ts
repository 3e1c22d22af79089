/** The parts of docs/ that are made from the code, by file name. */
import { detectionJsonSchema } from '../lambdas/domain/detection/detection.ts'
import english from '../templates/messages/faults.en.json' with { type: 'json' }
import french from '../templates/messages/faults.fr.json' with { type: 'json' }
import { schemaOfMembers, schemaOfType } from './type-schema.ts'

export const docs = (): ReadonlyMap<string, string> =>
  new Map([
    ['detection.schema.json', written(detectionJsonSchema())],
    ['cli.schema.json', written(schemaOfMembers('bin/cli/answers.ts', 'Answers'))],
    ['fault-codes.md', faultCodes()],
    ['report.schema.json', written(schemaOfType('lambdas/domain/page/page.ts', 'Report'))],
  ])

const written = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`

const faultCodes = (): string => {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\u202f', '\u00a0')
  const rows = Object.entries(english).map(
    ([code, text]) => `| \`${code}\` | ${cell(text)} | ${cell(french[code as keyof typeof french])} |`,
  )
  return `# Fault codes

Generated from \`templates/messages/faults.en.json\` and \`faults.fr.json\` by \`npm run docs\`. Values are in braces, in
ICU's message format.

| code | English | French |
|---|---|---|
${rows.join('\n')}
`
}
