import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { changeLines, changedName, fieldText } from '../../../lambdas/web/reading-room/frame/field-text.ts'
import { roomWordingOf } from '../../../lambdas/web/shared/wording.ts'
import type { ListedContested } from '../answers.ts'
import { utcMinute } from './tables.ts'
import { inOneLine } from './terminal.ts'

type Tried = { readonly before: Detection; readonly after: Detection; readonly changed: readonly string[] }

export const contestedLines = (
  { id, revision, reason, asked, keeps, batch, storedAt }: ListedContested,
  tried: Tried | undefined,
): readonly string[] => {
  const words = roomWordingOf('en')
  return [
    id,
    `  ${revision === null ? 'withdrawn' : `revision ${revision}`}, came ${utcMinute(storedAt)}`,
    `  batch ${batch ?? 'unknown'}`,
    ...(asked === undefined ? [] : [`  asked for by ${asked}`]),
    `  why: ${reason}`,
    ...keeps.map(
      ({ field, by }) =>
        `  would show ${changedName(field, words)} as ${by} corrected it${tried ? `: ${fieldText(tried.after, field, words)}` : ''}`,
    ),
    ...(tried ? ['  would change:', ...changeLines(tried, words).map((change) => `    ${change}`)] : []),
  ].map(inOneLine)
}
