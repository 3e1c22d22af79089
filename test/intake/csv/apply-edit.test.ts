/** Applies an edit to a stored detection, by pure functions; test/usecases/ingest/corrections.test.ts stores it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultText, lineOf } from '../../../lambdas/domain/core/fault-text.ts'
import type { Detection, DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { changedFields, withFields } from '../../../lambdas/domain/detection/revisions/correction.ts'
import { withParts } from '../../../lambdas/domain/detection/revisions/parts.ts'
import { applyEdit } from '../../../lambdas/intake/csv/apply-edit.ts'
import { detection } from '../../support/detections.ts'

type Cells = Readonly<Record<string, string>>

const byAna = (stored: Detection, cells: Cells) => applyEdit(stored, { cells, by: 'Ana Martin', pseudonym: String })
const faultsOf = (input: Partial<DetectionInput>, cells: Cells) => {
  const done = byAna(detection(input), cells)
  return 'faults' in done ? done.faults.map(lineOf) : []
}

/** As the store does it. */
const corrected = (input: Partial<DetectionInput>, cells: Cells) => {
  const stored = detection(input)
  const done = byAna(stored, cells)
  if ('faults' in done) throw new Error(done.faults.map(lineOf).join('; '))
  const { fields = [], parts = {} } = done.correction ?? {}
  const read = withParts(stored, done.detection, parts)
  if ('refusal' in read) throw new Error(faultText(read.refusal))
  const changed = changedFields(stored, read.detection, fields)
  return { changed, after: withFields(stored, read.detection, changed) }
}

const both = { fr: 'Rafale', en: 'Burst' }
const posts = { posts: { value: 10, qualifier: 'at least' as const } }
const days = { observed: { from: '2024-05-13', to: '2024-05-16' } }
const actor = { name: 'Russia', attributedBy: 'VIGINUM', likelihood: 'likely' as const }
const details = { text: { fr: 'Repris', en: 'Repeated' }, source: 'EEAS' }
const observedEffect = { state: 'observed' as const, ...details }
const confirmed = { by: 'Ana Martin', on: '2024-05-20' }
const claim = { text: both, source: 'EEAS' }
const breakout = { category: 3, evidence: { en: 'Two papers' }, basis: 'debunked' as const }
const noEffect = { state: 'none' as const, text: { fr: 'Salle ouverte' }, source: 'EEAS' }

describe('an edit', () => {
  test.each<[string, Partial<DetectionInput>, Cells, Record<string, unknown>]>([
    ['a figure', {}, { 'counts.posts': '≥ 50' }, { counts: { posts: { value: 50, qualifier: 'at least' } } }],
    ['a qualifier', { counts: posts }, { 'counts.posts.qualifier': 'about' }, { counts: { posts: { value: 10 } } }],
    ['a title in one language', { title: both }, { 'title.fr': 'Vague' }, { title: { fr: 'Vague', en: 'Burst' } }],
    ['a title away', { title: both }, { 'title.en': '' }, { title: { fr: 'Rafale' } }],
    ['the only title', { title: { fr: 'Rafale' } }, { title: 'Autre' }, { title: { und: 'Autre' } }],
    ['a summary away', { summary: both }, { 'summary.en': '' }, { summary: { fr: 'Rafale' } }],
    ['the only summary away', { summary: { en: 'In short' } }, { summary: '-' }, { summary: undefined }],
    ['the summary of no language away', { summary: 'Bref' }, { 'summary.fr': '-' }, { summary: undefined }],
    [
      'territories, which are the analyst’s where they are new',
      {},
      { territories: 'NC|PF' },
      {
        territories: [
          { code: 'NC', method: 'explicit' },
          { code: 'PF', method: 'analyst', by: 'Ana Martin' },
        ],
      },
    ],
    [
      'the degree of an effect',
      { observedEffect },
      { observedEffect: 'media' },
      { observedEffect: { degree: 'media' } },
    ],
    ['an effect to none', { observedEffect }, { observedEffect: 'none' }, { observedEffect: { state: 'none' } }],
    [
      'the text of no effect',
      { observedEffect: noEffect },
      { observedEffect: 'aucun acte : la salle est restée ouverte' },
      { observedEffect: { state: 'none', text: { und: 'la salle est restée ouverte' }, source: 'EEAS' } },
    ],
    ['an effect to unknown', { observedEffect }, { observedEffect: 'effet inconnu' }, { observedEffect: undefined }],
    ['the first day', days, { 'observed.from': '2024-05-14' }, { observed: { from: '2024-05-14', to: '2024-05-16' } }],
    ['the last day', days, { 'observed.to': '2024-05-15' }, { observed: { from: '2024-05-13', to: '2024-05-15' } }],
    ['the last day away', days, { 'observed.to': '' }, { observed: { from: '2024-05-13', to: '2024-05-13' } }],
    ['a single day', {}, { 'observed.from': '2024-05-17' }, { observed: { from: '2024-05-17', to: '2024-05-17' } }],
    ['a source', { actor }, { 'actor.attributedBy': 'EEAS' }, { actor: { ...actor, attributedBy: 'EEAS' } }],
    [
      'a likelihood away',
      { actor },
      { 'actor.likelihood': '' },
      { actor: { name: 'Russia', attributedBy: 'VIGINUM' } },
    ],
    ['an actor away', { actor }, { 'actor.name': '' }, { actor: undefined }],
    ['an actor', {}, { 'actor.name': 'Russia', 'actor.attributedBy': 'EEAS' }, { actor: { attributedBy: 'EEAS' } }],
    ['a claim in one language', { claim }, { 'claim.en': 'Wave' }, { claim: { text: { fr: 'Rafale', en: 'Wave' } } }],
    ['the source of a claim', { claim }, { 'claim.source': 'AFP' }, { claim: { text: both, source: 'AFP' } }],
    ['a claim away', { claim: { ...claim, text: { fr: 'Vrai' } } }, { claim: '-' }, { claim: undefined }],
    [
      'what is established',
      {},
      { 'established.fr': 'Deux vidéos', 'established.source': 'AFP' },
      { established: { text: { fr: 'Deux vidéos' }, source: 'AFP' } },
    ],
    ['the category of a breakout', { breakout }, { breakout: '4' }, { breakout: { ...breakout, category: 4 } }],
    [
      'the basis of a breakout',
      { breakout },
      { 'breakout.basis': 'reprise par d’autres' },
      { breakout: { ...breakout, basis: 'amplified' } },
    ],
    [
      'the confirmation of an effect',
      { observedEffect },
      { 'observedEffect.confirmed': 'Ana Martin' },
      { observedEffect: { ...observedEffect, confirmed: { by: 'Ana Martin' } } },
    ],
    ['a confirmation away', { breakout: { ...breakout, confirmed } }, { 'breakout.confirmed': '-' }, { breakout }],
    ['the place of an event', {}, { 'event.place': 'Paris' }, { event: { place: { und: 'Paris' }, participants: [] } }],
  ])('changes %s, and nothing else', (_, input, cells, expected) => {
    const { changed, after } = corrected(input, cells)
    const [field = ''] = Object.keys(expected)
    expect(changed.map((name) => name.split('.')[0])).toEqual([field])
    expect({ [field]: undefined, ...after }).toMatchObject(expected)
    expect({ ...after, [field]: undefined }).toEqual({ ...detection(input), [field]: undefined })
  })

  test('drops a split of more than the corrected figure, which would count in its place', () => {
    const split = {
      posts: 640,
      byDay: [
        { day: '2024-05-13', posts: 400 },
        { day: '2024-05-14', posts: 240 },
      ],
    }
    const { changed, after } = corrected({ ...days, counts: split }, { 'counts.posts': '~ 590' })
    expect(changed).toEqual(['counts.posts', 'counts.byDay'])
    expect(after.counts).toEqual({ posts: { value: 590, qualifier: 'about' } })
    const more = corrected({ ...days, counts: split }, { 'counts.posts': '700' })
    expect(more.changed).toEqual(['counts.posts'])
  })

  test('keeps text and source of an effect whose degree it changes', () => {
    const { after } = corrected(
      { observedEffect: { ...observedEffect, degree: 'media' } },
      { observedEffect: 'observed' },
    )
    expect(after.observedEffect).toEqual(observedEffect)
    expect(corrected({ observedEffect }, { observedEffect: 'none' }).after.observedEffect).toEqual({ state: 'none' })
  })

  test.each<[Cells]>([
    [{ observedEffect: 'act' }],
    [{ observedEffect: 'observed: elsewhere' }],
    [{ observedEffect: 'none' }],
    [{ breakout: '4' }],
    [{ 'breakout.basis': '-' }],
  ])('removes the confirmation of what it changes: %j', (cells) => {
    const stored = { observedEffect: { ...observedEffect, confirmed }, breakout: { ...breakout, confirmed } }
    const { changed, after } = corrected(stored, cells)
    expect(changed).toHaveLength(1)
    expect([after.observedEffect?.confirmed, after.breakout?.confirmed]).toEqual(
      changed[0] === 'breakout' ? [confirmed, undefined] : [undefined, confirmed],
    )
    expect(corrected(stored, { ...cells, 'breakout.confirmed': 'Carl' }).after.breakout?.confirmed?.by).toBe('Carl')
  })

  test('confirms an observed effect only', () => {
    const cells = { 'observedEffect.confirmed': 'Ana Martin' }
    expect(() => corrected({ observedEffect: noEffect }, cells)).toThrow('belongs to an effect that was observed')
  })

  test.each<[Partial<DetectionInput>, Cells]>([
    [{ observedEffect: { ...observedEffect, confirmed } }, { observedEffect: 'observed' }],
    [{ breakout: { ...breakout, confirmed } }, { breakout: '3', 'breakout.basis': 'réfutée' }],
    [{ claim: { text: { fr: 'Rafale' }, source: 'EEAS' } }, { claim: 'Rafale' }],
    [{ title: both }, { title: 'Burst' }],
    [{ observedEffect: noEffect }, { observedEffect: 'Aucun effet observé' }],
    [{ counts: posts }, { 'counts.posts': '≥ 10', 'counts.posts.qualifier': 'at least' }],
  ])('changes nothing where %j has its values: %j', (input, cells) => {
    expect(corrected(input, cells).changed).toEqual([])
  })

  test.each<[Partial<DetectionInput>, Cells, readonly RegExp[]]>([
    [
      {},
      { 'counts.post': '1', nonsense: 'x', 'title.xx': 'y', title: 'A', 'title.fr': 'B' },
      [/did you mean counts\.posts/, /"nonsense"/, /"title\.xx"/, /title is all of it and title\.xx a part/],
    ],
    [
      {},
      { 'counts.posts': 'many', marking: 'PURPLE', territories: 'Atlantide' },
      [/^counts\.posts .*"many"/, /^marking .*"PURPLE"/, /^territories .*"Atlantide"/],
    ],
    [{}, { territories: 'Martinqiue' }, [/"Martinqiue" is no territory: did you mean Martinique \(MQ\)\?/]],
    [{}, { observedEffect: 'La salle n’a pas fermé' }, [/observedEffect holds "La salle/]],
    [{}, { id: '9', revision: '9' }, [/"id" is no field that can be corrected/, /"revision" is no field/]],
    [{}, { observed: '18/11/2026', 'observed.to': '20/11/2026' }, [/observed is all of it and observed\.to a part/]],
    [{}, { 'counts.posts': '≥ 10', 'counts.posts.qualifier': 'about' }, [/differs from the qualifier in/]],
    [{ title: both }, { title: 'X' }, [/title is stored in several languages: name one .* by title\.en or title\.fr/]],
    [{ summary: both }, { summary: '-' }, [/summary is stored in several languages/]],
    [{ claim }, { claim: 'X' }, [/claim is stored in several languages: name one .* by claim\.en or claim\.fr/]],
    [
      {},
      { 'established.source': 'AFP', 'breakout.basis': 'decided', 'observedEffect.confirmed': 'Ana Martin' },
      [/is of established, and there is none/, /is of breakout, and/, /is of observedEffect, and/],
    ],
    [{}, { 'actor.attributedBy': 'EEAS' }, [/is of actor\.name, and there is none/]],
    [{}, { 'counts.videos.qualifier': 'about' }, [/is of counts\.videos, and there is none/]],
    [{}, { 'observed.from': '2026-11-16T09:00', 'observed.to': '2026-11-16' }, [/2026-11-16T09:00/]],
    [{}, { 'observed.from': '2026-11-16T10:00', 'observed.to': '2026-11-16T09:00' }, [/2026-11-16T09:00/]],
    [{}, { 'observed.from': '2026-11-16T25:00' }, [/2026-11-16T25:00/]],
  ])('of %j by %j is refused with every fault', (input, cells, messages) => {
    const faults = faultsOf(input, cells)
    expect(faults).toEqual(messages.map((message) => expect.stringMatching(message)))
  })

  test.each([
    ['Réunion', ['RE'], '2026-11-23', []],
    ['Réunion', ['RE'], '2026-11-22', ['observed']],
    ['Martinique', ['MQ'], '2026-11-22', []],
    ['several territories, of which one has another day', ['RE', 'MQ'], '2026-11-22', ['observed']],
    ['no territory', [], '2026-11-22', []],
  ])('of an instant in %s (%j) by the day %s changes %j', (_, territories, day, fields) => {
    const instant = { observed: { from: '2026-11-22T22:30:00Z', to: '2026-11-22T22:30:00Z' } }
    const { changed } = corrected({ territories, ...instant }, { 'observed.from': day, 'observed.to': day })
    expect(changed).toEqual(fields)
  })

  test.each([
    ['MQ', { 'observed.from': '2026-11-16T09:00', 'observed.to': '2026-11-16 10:30' }, '16T13:00', '16T14:30'],
    ['RE', { 'observed.from': '16/11/2026 09:00' }, '16T05:00', '16T05:00'],
    ['RE', { observed: '2026-11-16T09:00+11:00' }, '15T22:00', '15T22:00'],
    ['MQ', { observed: '16 novembre 2026, 16 h 06 (heure de Fort-de-France)' }, '16T20:06', '16T20:06'],
    ['MQ', { observed: '16 novembre 2026, 16 h 06 (heure de Paris)' }, '16T15:06', '16T15:06'],
    ['MQ', { observed: '16 November 2026, 16:06, Paris time' }, '16T15:06', '16T15:06'],
  ])('in %s reads a time by the local clock, or by the clock that it names: %j', (code, cells, from, to) => {
    const { observed } = corrected({ territories: [code], observed: { from: '2026-11-10' } }, cells as Cells).after
    expect(observed).toEqual({
      ...{ from: `2026-11-${from}:00.000Z`, to: `2026-11-${to}:00.000Z` },
      precision: 'instant',
    })
  })

  test('keeps a text with any characters', () => {
    const sign = fc.constantFrom('"', ';', ',', '\t', '|', 'é', '世', '“', 'a', ' ')
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 20 }), (signs) => {
        const text = `A${signs.join('')}B`
        expect(byAna(detection(), { 'title.fr': text })).toMatchObject({ detection: { title: { fr: text } } })
      }),
    )
  })
})
