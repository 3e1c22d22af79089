/** The schemas of what commands print with --json, and how test/support/cli.ts uses them. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { answersSchema, commandIn, schemaText } from '../../../bin/cli/answer-schema.ts'
import { vigieCommand } from '../../../bin/cli/program.ts'
import { wordsOf } from '../../../bin/cli/run.ts'
import { commandsOf } from '../../../tools/commands.ts'
import { faultsOfAnswer, holdAnswer } from '../../support/cli-schema.ts'

test('there is one for every command, and no other', async () => {
  const schemas = Object.keys((await answersSchema()).$defs)
  const commands = commandsOf(vigieCommand()).map((one) => wordsOf(one).replaceAll(' ', '-'))
  // Names of types begin with a capital.
  expect(schemas.filter((name) => /^[a-z]/.test(name)).sort()).toEqual([...commands, 'error'].sort())
})

test('a command is found with options anywhere', () => {
  expect(wordsOf(commandIn(['--home', 'report', 'sources', '--json', 'list']))).toBe('sources list')
  expect(wordsOf(commandIn(['ingest', 'list', '--json']))).toBe('ingest list')
  expect(wordsOf(commandIn(['ingest', '--format', 'csv', 'undo.csv', '--json']))).toBe('ingest')
})

test('--schema prints a schema that is whole, of one command or of all', async () => {
  const ofFaults = JSON.parse(await schemaText(['faults', '--schema'])) as object
  expect(ofFaults).toMatchObject({ title: 'faults', $defs: { faults: { type: 'array' } } })
  const check = new Ajv2020({ strict: false }).compile(JSON.parse(await schemaText(['withdraw', '--schema'])))
  expect(check({ id: 'D-1', withdrawn: true, already: false, parts: [] })).toBe(true)
  expect(check({ id: 'D-1' })).toBe(false)
  expect(JSON.parse(await schemaText(['--schema']))).toEqual(await answersSchema())
})

test('other fields and types are refused in each answer that support/cli.ts reads', async () => {
  const args = ['withdraw', 'D-1', '--reason', 'twice', '--json']
  const answer = { id: 'D-1', withdrawn: true, already: false, parts: [] }
  const hold = (value: unknown) => holdAnswer(args, { code: 0, stdout: JSON.stringify(value), stderr: '' })
  expect((await hold(answer)).code).toBe(0)
  const message = 'withdraw must NOT have additional properties {"additionalProperty":"more"}'
  await expect(hold({ ...answer, more: 1 })).rejects.toThrow(message)
  await expect(hold({ ...answer, already: 'no' })).rejects.toThrow('withdraw/already must be boolean')
  await expect(hold({ id: 'D-1', withdrawn: true })).rejects.toThrow("must have required property 'already'")
  await expect(hold({ error: { message: 'no such detection' } })).rejects.toThrow('withdraw must have required')
})

test('an error is the answer of a failed command', async () => {
  const stdout = JSON.stringify({ error: { message: 'no such detection' } })
  expect(await faultsOfAnswer(['explain', 'D-1', '--json'], { code: 1, stdout })).toEqual([])
  expect(await faultsOfAnswer(['explain', 'D-1', '--json'], { code: 1, stdout: '{"error":"no"}' })).not.toEqual([])
})
