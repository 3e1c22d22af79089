/** Faults and reasons in the reader's language. */
import { expect, test } from 'vitest'
import { asFault, fault, faultAt, quoted, several } from '../../../../lambdas/domain/core/fault.ts'
import { noTerritory } from '../../../../lambdas/domain/detection/gazetteer.ts'
import { faultIn, faultWords, reasonIn } from '../../../../lambdas/web/reading-room/frame/fault-text.ts'
import { roomWordingOf } from '../../../../lambdas/web/shared/wording.ts'

const [fr, en] = [roomWordingOf('fr'), roomWordingOf('en')]

test('a reason is in the language of the page; a text without French is marked as English', () => {
  const stopped = fault('version.stopped')
  expect(reasonIn(fr, stopped)).toEqual({ text: 'sa fabrication s’est interrompue avant la fin', lang: '' })
  expect(reasonIn(en, stopped)).toEqual({ text: 'its maker stopped before it was complete', lang: '' })
  expect(reasonIn(fr, asFault('has fallen into the sea'))).toEqual({ text: 'has fallen into the sea', lang: 'en' })
  // Written by a user, in any language.
  expect(reasonIn(fr, 'Depart en retraite')).toEqual({ text: 'Depart en retraite', lang: '' })
  const held = several([
    faultAt('report.fr.pdf', fault('gate.pdf.noPage')),
    faultAt('report.en.pdf', fault('gate.pdf.blank', { count: 1, pages: '2' })),
  ])
  expect(reasonIn(fr, fault('report.held', { report: 'NC/2024-W20/amber/v0001', reason: held })).text).toBe(
    'NC/2024-W20/amber/v0001 est retenu\u00a0: report.fr.pdf\u00a0: n’a aucune page\u202f; report.en.pdf\u00a0: la page 2 est blanche',
  )
})

test('a fault has its path, or the heading of each of several', () => {
  expect(faultIn(fr, 'date', fault('id.empty'))).toEqual({ path: 'date', text: 'est vide', lang: '' })
  expect(faultIn(fr, '', fault('stix.object'))).toEqual({ path: '', text: 'Doit être un objet', lang: '' })
  expect(faultIn(en, '', fault('stix.object')).text).toBe('must be an object')
  const faults = [
    faultAt('Nb de messages', fault('cell.wholeNumber', { text: quoted('many') })),
    faultAt('TLP', fault('cell.marking', { text: quoted('PURPLE') })),
  ]
  const { text, lang, path } = faultIn(fr, 'Nb de messages', several(faults))
  expect([lang, path]).toEqual(['', ''])
  expect(text.replaceAll(/\s/g, ' ')).toMatch(/^Nb de messages : .*« many ».* ; TLP : .*« PURPLE »/)
})

test('a fault names territories in the reader’s language, and defangs addresses', () => {
  const misspelt = noTerritory('Nouvelle Caledonnie')
  expect([en, fr].map((words) => faultWords(words, misspelt).text)).toEqual([
    '"Nouvelle Caledonnie" is no territory: did you mean New Caledonia (NC)?',
    '«\u202fNouvelle Caledonnie\u202f» n’est pas un territoire\u00a0: vouliez-vous dire Nouvelle-Calédonie (NC)\u202f?',
  ])
  const address = fault('accounts.notAName', { text: quoted('https://bad.example/x') })
  expect(faultWords(fr, address).text).not.toContain('https://bad.example')
})
