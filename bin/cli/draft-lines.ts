/** What the house's rule has drafted, in words: no figure, and how a person goes on from there. */
import type { Drafting } from '../../lambdas/usecases/reports/flash/draft-flashes.ts'

export const draftLines = (drafting: Drafting | undefined): readonly string[] => [
  ...(drafting?.drafts ?? []).flatMap(({ key, cap, reasons, held }) => [
    `  drafted by the rule (${reasons.join(', ')}): flash note ${key}, ${cap}`,
    held === undefined
      ? `    it is mailed to nobody before: vigie flash approve ${key} --by NAME, or vigie flash refuse ${key} --by NAME`
      : `    it is held: ${held}`,
  ]),
  ...(drafting?.failed ?? []).map(({ key, message }) => `  no draft of ${key}: ${message}`),
]
