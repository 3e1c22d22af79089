/** A report as Markdown for MISP, in both languages: page 1 in short and the listed detections. */
import type { Language } from '../../domain/core/language/languages.ts'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import { shortMarking } from '../../domain/core/marking.ts'
import type { Report } from '../../domain/page/page.ts'
import { titleOf } from '../../domain/page/words/phrases.ts'
import type { Entry } from '../../domain/report/facts.ts'
import { describedIn, sentencesOf } from './described.ts'

const maxRows = 50

export const markdownOf = (report: Report, entries: readonly Entry[]): string =>
  (['en', 'fr'] as const).map((language) => pageOf(report, entries, language)).join('\n\n---\n\n')

const pageOf = (report: Report, entries: readonly Entry[], language: Language): string => {
  const { documentTitle, description } = report.pages[language]
  const words = wordingOf(language)
  const sentences = sentencesOf(report, language)
  const rows = entries
    .slice(0, maxRows)
    .map((entry) => [
      escaped(titleOf(entry.title, language).text),
      escaped(describedIn(entry, language)),
      shortMarking(entry.marking),
    ])
  const heads = [words.say('list.title'), words.say('list.when'), words.say('list.marking')]
  const more = entries.length - rows.length
  return [
    `# ${escaped(documentTitle)}`,
    `**${report.marking}**`,
    ...(sentences.length > 0 ? sentences : [description]).map((one) => `- ${escaped(one)}`),
    ...(rows.length > 0
      ? [[heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')]
      : []),
    ...(more > 0 ? [words.say('list.more', { count: more })] : []),
  ].join('\n\n')
}

/** Neither markup, nor a reference of MISP (`@[attribute](uuid)`), nor an address that a viewer would link. */
const escaped = (text: string): string =>
  text
    .replace(/(?<=[\p{L}\p{N}])\.(?=\p{L})/gu, '[.]')
    .replace(/\s+/gu, ' ')
    .replace(/[\\`*_[\]()#!|<>&@~]/g, '\\$&')
