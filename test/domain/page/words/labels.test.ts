import { expect, test } from 'vitest'
import { languages } from '../../../../lambdas/domain/core/language/languages.ts'
import { editionMessages } from '../../../../lambdas/domain/page/words/edition-words.ts'
import { checkLabel, labelsOf } from '../../../../lambdas/domain/page/words/labels.ts'

const isConstant = (key: string): boolean => {
  try {
    checkLabel(key)
    return true
  } catch {
    return false
  }
}

test('a label is any constant message of a report', () => {
  expect(languages.map((lang) => labelsOf({ edition: 'whole', lang })('figure.unknown'))).toEqual(['n.\u202fc.', 'n/a'])
})

test.each(['public', 'partial'] as const)('labels of %s editions need no values where others need none', (edition) => {
  const keys = languages.flatMap((lang) => Object.keys(editionMessages[edition][lang]))
  const constant = keys.filter(isConstant)
  expect(constant).toContain('dossier.effect.none')
  for (const lang of languages) {
    const label = labelsOf({ edition, lang })
    expect(constant.filter((key) => label(key) === '')).toEqual([])
  }
})
