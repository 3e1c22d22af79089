import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { faultFormatter, faultText, lineOf } from '../../../lambdas/domain/core/fault-text.ts'
import {
  anyOf,
  asMessage,
  eachOf,
  fault,
  faultAt,
  type FaultCode,
  FaultError,
  faultOfThrown,
  inFile,
  quoted,
  several,
  withTexts,
} from '../../../lambdas/domain/core/fault.ts'
import { refusalOf } from '../../../lambdas/domain/core/schema-fault.ts'
import english from '../../../templates/messages/faults.en.json' with { type: 'json' }
import french from '../../../templates/messages/faults.fr.json' with { type: 'json' }
import { placeholdersIn } from '../../../tools/lint/messages.ts'

const inFrench = faultFormatter({
  language: 'fr',
  texts: french,
  colon: '\u00a0: ',
  semicolon: '\u202f; ',
  anyOf: (names) => names.join(' ou '),
  quotation: (text) => `«\u202f${text}\u202f»`,
})

const codes = Object.keys(english) as FaultCode[]

test('a fault that a schema finds twice hides no others', () => {
  const twice = z
    .string()
    .refine(() => false, asMessage('text.empty'))
    .refine(() => false, asMessage('text.empty'))
  const { error } = z.object({ one: twice, other: z.number() }).safeParse({ one: '', other: '' })
  expect(error && eachOf(refusalOf(error)).map(({ path }) => path)).toEqual(['one', 'other'])
})

test('a value of none of the kinds of a schema is refused', () => {
  const kinds = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })])
  for (const value of [{}, { kind: 'c' }]) {
    const { error } = kinds.safeParse(value)
    expect(error && refusalOf(error)).toEqual({ code: 'schema.form', path: 'kind' })
  }
})

describe('the catalogues of faults', () => {
  test('have the same codes with the same values in both languages, and can be formatted', () => {
    expect(Object.keys(french)).toEqual(codes)
    for (const code of codes) {
      const names = placeholdersIn(english[code])
      expect({ code, names: placeholdersIn(french[code]) }).toEqual({ code, names })
      const values = Object.fromEntries(names.map((name) => [name, 7531]))
      for (const text of [faultText(fault(code, values)), inFrench(fault(code, values))])
        expect({ code, text }).toEqual({ code, text: expect.not.stringMatching(/\{\w|undefined/) })
    }
  })

  test('follow French typography', () => {
    const wrong = codes.filter((code) => {
      const prose = french[code].replaceAll(/'\{'[^']*'\}'|\{[^{}]*\}/g, 'x')
      return / [;:!?»]|«[^\u202f]|[^\s\u202f]»|[a-zé]'[a-zéê]|[^\u202f\s]\?/.test(prose)
    })
    expect(wrong).toEqual([])
  })
})

describe('a fault', () => {
  const empty = fault('text.empty')

  test('quotes, lists and nests in the language of its reader', () => {
    const unknown = fault('territory.meant', {
      text: quoted('X'),
      meant: anyOf([{ en: 'Corsica', fr: 'Corse' }, 'NC']),
    })
    expect(faultText(unknown)).toBe('"X" is no territory: did you mean Corsica or NC?')
    expect(inFrench(unknown)).toBe(
      '«\u202fX\u202f» n’est pas un territoire\u00a0: vouliez-vous dire Corse ou NC\u202f?',
    )
    expect(inFrench(fault('recipient.editions', { reason: unknown }))).toContain('Corse ou NC')
  })

  test('is one of several, each behind its path', () => {
    expect(several([faultAt('a', empty)])).toEqual({ code: 'text.empty', path: 'a' })
    const two = several([faultAt('a', empty), faultAt('b', empty)])
    expect([two.path, faultText(two)]).toEqual(['a', 'a: must not be empty; b: must not be empty'])
    expect(inFrench(two)).toBe('a\u00a0: ne doit pas être vide\u202f; b\u00a0: ne doit pas être vide')
    const many = several(Array.from({ length: 11 }, (_, at) => faultAt(`f${at}`, empty)))
    expect(faultText(many)).toMatch(/f7: must not be empty; and 3 more$/)
    expect(eachOf(two).map(({ path }) => path)).toEqual(['a', 'b'])
    expect(eachOf(empty)).toEqual([empty])
  })

  test('is in its error, whose message is for logs', () => {
    expect(new FaultError(faultAt('id', empty)).message).toBe('id must not be empty')
    expect(lineOf(inFile('a.json', faultAt('id', empty)))).toBe('a.json: id must not be empty')
    expect(faultOfThrown(new FaultError(empty))).toBe(empty)
    expect(faultText(faultOfThrown(new Error('of a library')))).toBe('of a library')
  })

  test('holds any text as it is, whatever signs it has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const say of [faultText, inFrench]) expect(say(fault('cell.yearAlone', { text }))).toContain(text)
        expect(faultText(fault('asWritten', { text }))).toBe(text)
        const changed = withTexts(fault('recipient.editions', { reason: fault('id.rounded', { text }) }), () => 'other')
        expect(changed.values).toEqual({ reason: { code: 'id.rounded', values: { text: 'other' } } })
      }),
    )
  })
})
