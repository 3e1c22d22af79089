import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Facts } from '../../report/facts.ts'
import { flashWordingOf } from '../words/edition-words.ts'

const maxNamed = 3

export const replacedRow = (facts: Pick<Facts, 'replaces' | 'cap' | 'ofEditionAlone'>, { language }: ReportWording) => {
  const { replaces = [] } = facts
  if (replaces.length === 0) return []
  const words = flashWordingOf(facts, language)
  const named = replaces.slice(0, maxNamed)
  const list = words.list(named.map(({ key, version }) => words.say('flash.replaces.one', { key, version })))
  const more = replaces.length - named.length
  return [
    {
      label: words.say('flash.replaces'),
      text: words.say('flash.replacesText', { list, count: replaces.length, more }),
    },
  ]
}
