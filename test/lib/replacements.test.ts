/** Finds the stored data that a deployment would replace. */
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
  test('are none without a change or a stack', () => {
    expect(replacements(plain, plain)).toEqual([])
    expect(replacements({}, plain)).toEqual([])
  })

  test('are none for most settings', () => {
    const other = templateOf({
      ...{ territories: ['NC'], logRetentionDays: 30, dashboard: true, api: false },
      mail: { from: 'vigie@example.org' },
      alarmMail: 'watch@example.org',
    })
    expect(replacements(plain, other)).toEqual([])
  })

  test('include the archive if it is locked later', () => {
    const found = replacements(plain, templateOf({ objectLockDays: 365 }))
    expect(idsOf(found)).toEqual(['BucketsArchive'])
    expect(replacementLines(found).join('\n')).toContain('objectLockDays is chosen for the first deployment')
  })

  test('include the user pool, but not the key of sessions, if the room is turned off without permission', () => {
    const off = templateOf({ room: false })
    const found = replacements(plain, off)
    expect(idsOf(found)).toEqual(['RoomReadersPool'])
    expect(replacements(plain, off, [found[0]?.id ?? ''])).toEqual([])
  })

  test('are found for each property that AWS replaces for', () => {
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

  test('include every property in the database of the CDK', () => {
    // The database behind cdk diff.
    const bytes = gunzipSync(readFileSync(new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url)))
    type Entity = { readonly cloudFormationType: string; readonly properties: Readonly<Record<string, Property>> }
    type Property = { readonly causesReplacement?: string }
    const { entities } = JSON.parse(bytes.toString()).schema.resource as { readonly entities: Record<string, Entity> }
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

  test('cover every retained type of the stack', () => {
    const types = Object.values(templateOf({ kmsKey: 'create' }).Resources ?? {})
      .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'))
      .map(({ Type }) => Type)
    expect(new Set(types)).toEqual(new Set(Object.keys(stateful)))
  })
})
