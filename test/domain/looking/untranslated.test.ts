import { describe, expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { type Detection, detectionJsonSchema } from '../../../lambdas/domain/detection/detection.ts'
import { lookingFor, untranslatedFor } from '../../../lambdas/domain/looking/filter.ts'
import { untranslatedIn } from '../../../lambdas/domain/looking/untranslated.ts'
import { detection } from '../../support/detections.ts'

const en = { en: 'Text' }
const party = (name: string) => ({ name, kind: 'organisation' })
const link = {
  ...{ from: party('A'), to: party('B'), fact: en, attributedBy: 'C' },
  source: { title: en },
}
const whole = (changes: object = {}): Detection =>
  detection({
    title: en,
    summary: en,
    claim: en,
    established: { text: en, source: 'AFP' },
    narratives: [en, { fr: 'Texte' }],
    observedEffect: { state: 'observed', text: en },
    breakout: { category: 2, evidence: en },
    criteria: [{ criterion: 'foreign-actor', state: 'supported', evidence: en }],
    event: { place: en, participants: [en, { role: en, name: 'D' }] },
    actor: { name: 'B', attributedBy: 'C', links: [link], replies: [{ by: 'B', text: en, source: { title: en } }] },
    indicators: [{ type: 'url', value: 'https://example.org/', note: en }],
    evidence: [{ label: en }],
    observed: { from: '2024-05-15', label: en },
    ...changes,
  } as never)

/** Where the schema has a text by language, lists as `*`. */
const textsOfSchema = (): readonly string[] => {
  type Node = { readonly [key: string]: unknown }
  const found = new Set<string>()
  const schema = detectionJsonSchema() as Node
  const walk = (node: Node, path: readonly string[]): void => {
    if (typeof node.description === 'string' && node.description.startsWith('A text by language')) {
      found.add(path.join('.'))
      return
    }
    const ref = typeof node.$ref === 'string' ? node.$ref.split('/').at(-1) : undefined
    const defined = ref && (schema.$defs as Record<string, Node>)[ref]
    if (defined) walk(defined, path)
    for (const [name, of] of Object.entries((node.properties ?? {}) as Record<string, Node>)) walk(of, [...path, name])
    if (node.items) walk(node.items as Node, [...path, '*'])
    for (const of of [node.anyOf, node.oneOf, node.allOf].flat()) if (of) walk(of as Node, path)
  }
  walk(schema, [])
  return [...found]
}

describe('texts that await a translation', () => {
  test('are those without the language', () => {
    expect(untranslatedIn(whole(), 'en')).toEqual(['narratives.1'])
    expect(untranslatedIn(whole({ narratives: [] }), 'en')).toEqual([])
    expect(untranslatedIn(detection({ title: 'Bare' }), 'fr')).toEqual(['title'])
  })

  test('are all texts of the schema', () => {
    const listed = untranslatedIn(whole(), 'fr').map((path) => path.replace(/\.\d+/g, '.*'))
    const known = new Set(listed)
    // Not all readers may know the name of its source.
    const schema = textsOfSchema().filter((path) => path !== 'detector.knownError')
    expect(schema.length).toBeGreaterThan(8)
    expect(schema.filter((path) => !known.has(path) && !known.has(path.replace(/\.(?:role|text)$/, '')))).toEqual([])
  })

  test('exclude those that the reader may not know', () => {
    const view = { ceiling: { ...everything, clearance: 'TLP:GREEN' }, declared: new Map() } as const
    const red = detection({
      title: { en: 'T', fr: 'T' },
      marking: 'TLP:GREEN',
      actor: { name: 'B', attributedBy: 'C', links: [{ ...link, marking: 'TLP:RED' }] },
    } as never)
    expect(untranslatedFor(red, 'fr', view)).toEqual([])
    expect(lookingFor({ untranslated: 'fr' }, view)(red)).toBe(false)
    expect(lookingFor({ untranslated: 'fr' }, { ceiling: everything, declared: new Map() })(red)).toBe(true)
  })
})
