/** The front of a dossier says who came back as *Who came back* does: by references, and n/a without. */
import { expect, test } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { accountsNamed, setsOverTime } from '../../../lambdas/domain/dossier/returning.ts'
import { returnOf } from '../../../lambdas/domain/page/dossier/dossier.ts'
import { detection } from '../../support/detections.ts'

const accountSet = { id: 's', name: { fr: 'Sigma', en: 'Sigma' }, size: 100 }
const refs = (first: number, end: number) => Array.from({ length: end - first }, (_, at) => `a${first + at}`)

const told = (
  operations: readonly Partial<DetectionInput>[],
  { language = 'fr' as 'fr' | 'en', cut = false } = {},
): readonly string[] => {
  const all = operations.map((said, at) => {
    const day = String(at + 1).padStart(2, '0')
    const id = `o${at}`
    return { id, detections: [detection({ id, observed: { from: `2024-05-${day}` }, accountSet, ...said })] }
  })
  const listed = accountsNamed(all).filter(({ named }) => named !== null)
  const accounts = cut ? { listed: [], more: listed.length } : { listed, more: 0 }
  return returnOf({ sets: setsOverTime(all), accounts }, wordingOf(language)).map((one) =>
    one
      .map(({ text }) => text)
      .join('')
      .replaceAll(/[\u00a0\u202f]/g, ' '),
  )
}
const by = (first: number, end: number): Partial<DetectionInput> => ({
  counts: { coordinatedAccounts: end - first },
  coordinatedAccountRefs: refs(first, end),
})

test('none that is new came back', () => {
  expect(told([by(0, 40), by(50, 80), by(90, 100)])).toEqual([
    '10 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 3 opérations où il est nommé ; ' +
      'aucun des 10 comptes que nomment les sources de cette opération n’avait été vu dans une opération précédente.',
  ])
})

test('some came back', () => {
  expect(told([by(0, 40), by(30, 50)], { language: 'en' })).toEqual([
    '20 of the 100 accounts in the set “Sigma” took part in the last of the 2 operations where it is named; ' +
      '10 of the 20 accounts that this operation’s sources name had been seen in an operation before.',
  ])
})

test('nobody knows where sources give no references', () => {
  expect(told([{ counts: { coordinatedAccounts: 40 } }, { counts: { coordinatedAccounts: 20 } }])).toEqual([
    '20 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 2 opérations où il est nommé ; ' +
      'combien avaient été vus dans une opération précédente : n. c.',
  ])
  expect(told([{ counts: { coordinatedAccounts: 40 } }, by(0, 20)])[0]).toContain('n. c.')
})

test('the last operation is the last one, or none is told', () => {
  expect(told([by(0, 40), by(30, 50), {}])).toEqual([])
})

test('nothing is said of what the table has left out', () => {
  expect(told([by(0, 40), by(30, 50)], { cut: true })).toEqual([
    '20 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 2 opérations où il est nommé.',
  ])
})
