/** What would be lost to a deployment is found, and nothing else is. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replacementLines, replacements, stateful, type TemplateOf } from '../../lib/replacements.ts'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import { unbundled } from '../support/cdk-context.ts'

const templateOf = (settings: object): TemplateOf =>
  Template.fromStack(
    new VigieStack(new App({ context: unbundled }), readSettings({ stage: 'test', stages: { test: settings } })),
  ).toJSON()
const plain = templateOf({})

const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''))

describe('replacements', () => {
  test('are none where nothing changes, and none of a stack that is not there', () => {
    expect(replacements(plain, plain)).toEqual([])
    expect(replacements({}, plain)).toEqual([])
  })

  test('are none of what settings change as a rule', () => {
    const other = templateOf({
      ...{ territories: ['NC'], logRetentionDays: 30, dashboard: true, api: false },
      mail: { from: 'vigie@example.org' },
      alarmMail: 'watch@example.org',
    })
    expect(replacements(plain, other)).toEqual([])
  })

  test('are the archive’s where it is to be locked later', () => {
    const found = replacements(plain, templateOf({ objectLockDays: 365 }))
    expect(idsOf(found)).toEqual(['BucketsArchive'])
    expect(replacementLines(found).join('\n')).toContain('objectLockDays is chosen for the first deployment')
  })

  test('are the pool’s where the room is turned off, unless it may go', () => {
    const found = replacements(plain, templateOf({ room: false }))
    expect(idsOf(found)).toEqual(['RoomReadersPool'])
    expect(replacements(plain, templateOf({ room: false }), [found[0]?.id ?? ''])).toEqual([])
  })

  test('are not those of the key of sessions, which holds nothing', () => {
    expect(JSON.stringify(replacements(plain, templateOf({ room: false })))).not.toContain('SessionKey')
  })

  test('are found for each property that AWS replaces for, whatever else is in the template', () => {
    const cases = Object.entries(stateful).flatMap(([type, names]) => names.map((name) => [type, name] as const))
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        ([Type, name], Properties) => {
          const kept = { Type, DeletionPolicy: 'RetainExceptOnCreate' }
          const before = { Resources: { One: { ...kept, Properties: { ...Properties, [name]: 'before' } } } }
          const after = { Resources: { One: { ...kept, Properties: { ...Properties, [name]: 'after' } } } }
          expect(replacements(before, before)).toEqual([])
          expect(replacements(before, after)).toMatchObject([{ id: 'One', why: `${name} would change` }])
        },
      ),
    )
  })

  test('know every property that the CDK’s own database knows', () => {
    // As the command line of the CDK tells of replacements in cdk diff.
    const bytes = gunzipSync(readFileSync(new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url)))
    const { entities } = JSON.parse(bytes.toString()).schema.resource as {
      readonly entities: Readonly<
        Record<
          string,
          {
            readonly cloudFormationType: string
            readonly properties: Readonly<Record<string, { readonly causesReplacement?: string }>>
          }
        >
      >
    }
    for (const [type, names] of Object.entries(stateful)) {
      const found = Object.values(entities).find(({ cloudFormationType }) => cloudFormationType === type)
      const replacing = Object.entries(found?.properties ?? {}).flatMap(([name, { causesReplacement = 'no' }]) =>
        causesReplacement === 'no' ? [] : [name],
      )
      expect([type, replacing.filter((name) => !names.includes(name))]).toEqual([type, []])
      for (const name of names)
        expect([type, Object.keys(found?.properties ?? {})]).toEqual([type, expect.arrayContaining([name])])
    }
  })

  test('cover every type of the stack that is kept', () => {
    const types = Object.values(templateOf({ kmsKey: 'create' }).Resources ?? {})
      .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'))
      .map(({ Type }) => Type)
    expect(new Set(types)).toEqual(new Set(Object.keys(stateful)))
  })
})
