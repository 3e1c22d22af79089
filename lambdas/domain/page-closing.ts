/** The end of a page: method and version. */
import type { Wording } from './language.ts'
import { plain, type Row } from './page-phrases.ts'
import type { Facts } from './report.ts'

export const closingOf = (facts: Facts, words: Wording): readonly Row[] => {
  const hash = words.say('version.fingerprint', { hash: facts.snapshotSha256.slice(0, 16) })
  const version = words.say('version.text', { version: facts.version, cap: facts.cap, hash })
  return [
    { label: words.say('method'), paragraphs: [plain(words.say('method.text'))] },
    {
      label: words.say('version'),
      paragraphs: [plain(facts.reconstructed ? `${version} ${words.say('version.reconstructed')}` : version)],
    },
  ]
}
