/** Faults and reasons are in the reader's language. */
import { describe, expect, test } from 'vitest'
import { asFault, fault, faultAt, quoted, several } from '../../../../lambdas/domain/core/fault.ts'
import { noTerritory } from '../../../../lambdas/domain/detection/gazetteer.ts'
import { faultIn, faultWords, reasonIn } from '../../../../lambdas/web/reading-room/frame/fault-text.ts'
import { roomWordingOf } from '../../../../lambdas/web/shared/wording.ts'

describe('a fault', () => {
  test('is a page’s own, and what has none is marked as English', () => {
    const [fr, en] = [roomWordingOf('fr'), roomWordingOf('en')]
    const stopped = fault('version.stopped')
    expect(reasonIn(fr, stopped)).toEqual({ text: 'sa fabrication s’est interrompue avant la fin', lang: '' })
    expect(reasonIn(en, stopped)).toEqual({ text: 'its maker stopped before it was complete', lang: '' })
    // Of a library, which has no French.
    expect(reasonIn(fr, asFault('has fallen into the sea'))).toEqual({ text: 'has fallen into the sea', lang: 'en' })
    const held = several([
      faultAt('report.fr.pdf', fault('gate.pdf.noPage')),
      faultAt('report.en.pdf', fault('gate.pdf.blank', { count: 1, pages: '2' })),
    ])
    expect(reasonIn(fr, fault('report.held', { report: 'NC/2024-W20/amber/v0001', reason: held })).text).toBe(
      'NC/2024-W20/amber/v0001 est retenu\u00a0: report.fr.pdf\u00a0: n’a aucune page\u202f; report.en.pdf\u00a0: la page 2 est blanche',
    )
    // A person wrote it, in a language of their own.
    expect(reasonIn(fr, 'Depart en retraite')).toEqual({ text: 'Depart en retraite', lang: '' })
    expect(faultIn(fr, 'date', fault('id.empty'))).toEqual({ path: 'date', text: 'est vide', lang: '' })
    expect(faultIn(fr, '', fault('stix.object'))).toEqual({ path: '', text: 'Doit être un objet', lang: '' })
    expect(
      faultIn(fr, 'id', several([faultAt('id', fault('schema.missing')), faultAt('title', fault('schema.missing'))])),
    ).toEqual({
      path: '',
      text: 'id\u00a0: manque\u202f; title\u00a0: manque',
      lang: '',
    })
    expect(faultIn(en, '', fault('stix.object')).text).toBe('must be an object')
    // Addresses that a file holds are defanged in either language.
    const address = fault('accounts.notAName', { text: quoted('https://bad.example/x') })
    expect(faultWords(fr, address).text).not.toContain('https://bad.example')
  })
})

test('several faults of a row are told in French, each under its heading, which may have spaces', () => {
  const faults = [
    faultAt('Nb de messages', fault('cell.wholeNumber', { text: quoted('many') })),
    faultAt('TLP', fault('cell.marking', { text: quoted('PURPLE') })),
  ]
  const { text, lang, path } = faultIn(roomWordingOf('fr'), 'Nb de messages', several(faults))
  expect([lang, path]).toEqual(['', ''])
  expect(text.replaceAll(/\s/g, ' ')).toMatch(/^Nb de messages : .*« many ».* ; TLP : .*« PURPLE »/)
})

test('what is meant by a misspelt territory is named in the reader’s language', () => {
  const said = (written: string) =>
    (['en', 'fr'] as const).map((language) => faultWords(roomWordingOf(language), noTerritory(written)).text)
  expect(said('Nouvelle Caledonnie')).toEqual([
    '"Nouvelle Caledonnie" is no territory: did you mean New Caledonia (NC)?',
    '«\u202fNouvelle Caledonnie\u202f» n’est pas un territoire\u00a0: vouliez-vous dire Nouvelle-Calédonie (NC)\u202f?',
  ])
})
