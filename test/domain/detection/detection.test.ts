import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textIn } from '../../../lambdas/domain/core/text/localised.ts'
import { detectionJsonSchema, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { detection, detectionsAsOf, input } from '../../support/detections.ts'
import { textOf, inWords } from '../../support/faults.ts'

const refusal = (value: unknown) => {
  const read = readDetection(value)
  return 'refusal' in read ? read.refusal : undefined
}

describe('a detection', () => {
  test('is read with its defaults and its groups spelled out', () => {
    const read = readDetection(input({ territories: ['FR-972', 'pacific', 'NC'] }))
    expect('detection' in read && read.detection).toMatchObject({
      marking: 'TLP:AMBER',
      detector: { name: 'D3lta' },
      observed: { from: '2024-05-15', to: '2024-05-15', precision: 'day' },
      territories: [
        { code: 'MQ', method: 'explicit' },
        { code: 'NC', method: 'explicit' }, // named directly and through the group: the direct mention counts
        { code: 'PF', method: 'group', via: 'pacific' },
        { code: 'WF', method: 'group', via: 'pacific' },
      ],
    })
  })

  test.each([
    [{ id: '' }, 'id', 'must not be empty'],
    [{ id: 'x'.repeat(129) }, 'id', 'must have at most 128 characters'],
    [{ id: 'a\u202eb' }, 'id', 'must hold printable characters only'],
    [{ observed: undefined }, 'observed', 'is missing'],
    [{ observed: { from: '2024-05-15T12:21' } }, 'observed', 'has no offset from UTC'],
    [{ counts: { posts: -1 } }, 'counts.posts', 'must not be negative'],
    [{ counts: { posts: 2 ** 53 } }, 'counts.posts', 'must be a whole number below 2^53'],
    [{ counts: { posts: 10 ** 10 + 1 } }, 'counts.posts', 'must be at most 10,000,000,000'],
    [{ counts: { views: 10 ** 12 + 1 } }, 'counts.views', 'must be at most 1,000,000,000,000'],
    [{ counts: { posts: { value: 'many' } } }, 'counts.posts.value', 'must be a whole number'],
    [{ marking: 'secret' }, 'marking', 'TLP 2.0 has'],
    [{ kind: 'rumour' }, 'kind', 'must be one of campaign'],
    [{ partOf: 'd1' }, 'partOf', 'must name another detection'],
    [
      { observedEffect: { state: 'none', degree: 'act' } },
      'observedEffect.degree',
      'belongs to an effect that was observed',
    ],
    [
      { observedEffect: { state: 'none', confirmed: { by: 'Ana Martin' } } },
      'observedEffect.confirmed',
      'belongs to an effect that was observed',
    ],
    [{ breakout: { category: 4, basis: 'rumour' } }, 'breakout.basis', 'must be one of amplified'],
    [{ claim: 'x'.repeat(501) }, 'claim', 'must have at most 500 characters'],
    [{ claim: { fr: 'x'.repeat(501) } }, 'claim.fr', 'must have at most 500 characters'],
    [{ established: { text: { fr: 'x'.repeat(501) } } }, 'established.text.fr', 'must have at most 500 characters'],
    [{ established: { source: 'AFP' } }, 'established.text', 'is missing'],
    [{ colour: 'red' }, '', 'has a field that the schema does not know: colour'],
    [{ teritories: ['NC'] }, '', 'did you mean territories?'],
  ])('%j is refused at %s', (changes, path, message) => {
    expect(inWords(refusal({ ...input(), ...changes }))).toEqual({ path, message: expect.stringContaining(message) })
  })

  test('states a claim and what is established as a bare text, by language, or with a source', () => {
    const established = { text: { fr: 'Deux', en: 'Two' }, source: 'AFP' }
    expect(detection({ claim: 'Hundreds', established }).claim).toEqual({ text: { und: 'Hundreds' } })
    expect(detection({ claim: { fr: 'Des centaines' }, established })).toMatchObject({
      claim: { text: { fr: 'Des centaines' } },
      established,
    })
  })

  test.each([
    ['hashtags', 1_000, '1,000'],
    ['accountRefs', 250_000, '250,000'],
  ])('has %s up to %i', (field, most, told) => {
    const many = (length: number) => refusal({ ...input(), [field]: Array(length).fill('a') })
    expect(many(most)).toBeUndefined()
    expect(inWords(many(most + 1))).toEqual({ path: field, message: `must have at most ${told} entries` })
  })

  test('has a limit for each of its lists and figures', () => {
    const unbound: string[] = []
    const walk = (schema: unknown, path: string) => {
      if (typeof schema !== 'object' || schema === null) return
      const { type, maxItems, maximum } = schema as { type?: string; maxItems?: number; maximum?: number }
      if (type === 'array' && maxItems === undefined) unbound.push(path)
      if (type === 'integer' && !(maximum !== undefined && maximum <= 10 ** 12)) unbound.push(path)
      for (const [name, part] of Object.entries(schema)) walk(part, `${path}/${name}`)
    }
    walk(detectionJsonSchema(), '')
    // Detectors number by the millisecond, and the store continues from there.
    expect(unbound).toEqual(['/properties/revision'])
    expect(refusal(input({ revision: Number.MAX_SAFE_INTEGER }))?.path).toBe('revision')
  })

  test.each([[null], [[]], [JSON.parse('{"__proto__": {"id": "x"}}')]])('%j is refused', (value) => {
    expect(refusal(value)).toBeDefined()
  })

  test('a misspelt territory places nothing, and an unknown one only itself; both are kept', () => {
    expect(detection({ territories: ['NC', 'Martinqiue'] })).toMatchObject({
      territories: [],
      reported: { territories: ['NC', 'Martinqiue'] },
    })
    expect(detection({ territories: ['NC', 'Atlantis'] })).toMatchObject({
      territories: [{ code: 'NC' }],
      reported: { territories: ['Atlantis'] },
    })
  })

  test('any value is read or refused without an error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(textOf(refusal(value))).toEqual(expect.any(String))
      }),
    )
  })

  test('a detection reads back as itself', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        for (const { detection } of all)
          expect(readDetection(JSON.parse(JSON.stringify(detection)))).toEqual({ detection })
      }),
    )
  })

  test('a text is in the requested language, else in another one', () => {
    expect(textIn({ fr: 'oui', en: 'yes' }, 'fr')).toEqual({ text: 'oui', language: 'fr' })
    expect(textIn({ az: 'bəli' }, 'fr')).toEqual({ text: 'bəli', language: 'az' })
  })

  test('docs/reference/detection.schema.json is the current schema (npm run docs writes it)', () => {
    expect(
      JSON.parse(readFileSync(new URL('../../../docs/reference/detection.schema.json', import.meta.url), 'utf8')),
    ).toEqual(JSON.parse(JSON.stringify(detectionJsonSchema())))
  })
})
