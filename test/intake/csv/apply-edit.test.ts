/** An edit is read as a sheet's cells are, without a sheet: what is not edited stays. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineOf } from '../../../lambdas/domain/core/fault-text.ts'
import { applyEdit } from '../../../lambdas/intake/csv/apply-edit.ts'
import { detection } from '../../support/detections.ts'

const stands = detection({
  id: 'NC-1',
  title: { fr: 'Rafale', en: 'Burst' },
  counts: { posts: { value: 40, qualifier: 'at least' } },
})
const edited = (cells: Readonly<Record<string, string>>) =>
  applyEdit(stands, { cells, by: 'Ana Martin', pseudonym: (account) => account })
const faultsOf = (cells: Readonly<Record<string, string>>) => {
  const done = edited(cells)
  return 'faults' in done ? done.faults.map(lineOf) : []
}

describe('an edit', () => {
  test('says the fields that it names', () => {
    expect(edited({ 'counts.posts': '≥ 50', 'title.fr': 'Vague' })).toMatchObject({
      detection: {
        id: 'NC-1',
        title: { fr: 'Vague', en: 'Burst' },
        observed: { from: stands.observed.from },
        counts: { posts: { value: 50, qualifier: 'at least' } },
      },
      correction: { fields: ['counts.posts', 'title'], kind: 'correction' },
    })
  })

  test('empties a summary in the one language that it stands in', () => {
    const parts = (stands: Readonly<Record<string, string>>, name: string) => {
      const done = applyEdit(detection({ summary: stands }), { cells: { [name]: '-' }, by: 'Ana', pseudonym: String })
      return 'correction' in done ? done.correction?.parts : undefined
    }
    expect(parts({ en: 'In short' }, 'summary')).toEqual({ 'summary.en': null })
    expect(parts({ und: 'Bref' }, 'summary.fr')).toEqual({ summary: null })
    expect(parts({ en: 'In short' }, 'summary.fr')).toEqual({ 'summary.fr': null })
  })

  test('adds a place as the word of the person', () => {
    expect(edited({ territories: 'NC, Martinique' })).toMatchObject({
      detection: { territories: [{ code: 'MQ', method: 'analyst', by: 'Ana Martin' }, stands.territories[0]] },
    })
  })

  test('names each field that is none, and a field beside a part of it', () => {
    expect(faultsOf({ 'counts.post': '1', nonsense: 'x', 'title.xx': 'y', title: 'A', 'title.fr': 'B' })).toEqual([
      expect.stringContaining('counts.posts'),
      expect.stringContaining('"nonsense"'),
      expect.stringContaining('"title.xx"'),
      expect.stringContaining('title'),
    ])
  })

  test('names each cell that cannot be read', () => {
    expect(faultsOf({ 'counts.posts': 'many', marking: 'PURPLE', territories: 'Atlantide' })).toEqual([
      expect.stringMatching(/^counts\.posts .*"many"/),
      expect.stringMatching(/^marking .*"PURPLE"/),
      expect.stringMatching(/^territories .*"Atlantide"/),
    ])
  })

  // A sheet would have taken these for quotes, separators, further rows or another encoding.
  test('keeps a text as it is, whatever signs it has', () => {
    const sign = fc.constantFrom('"', ';', ',', '\t', '|', 'é', '世', '“', 'a', ' ')
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 20 }), (signs) => {
        const text = `A${signs.join('')}B`
        expect(edited({ 'title.fr': text })).toMatchObject({ detection: { title: { fr: text } } })
      }),
    )
  })
})
