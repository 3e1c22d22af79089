/** What a terminal may be sent. */
import { expect } from 'vitest'
import type { Ran } from '../support/cli.ts'

/** Whatever a name may not hold: controls, halves, private use, line separators, and marks that nobody sees. */
const unseen = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/u

export const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n')

/** Each line of what a command printed holds nothing that a terminal obeys or hides. */
export const checkShown = ({ stdout, stderr }: Ran): void => {
  for (const text of [stdout, stderr]) expect(linesOf(text).filter((line) => unseen.test(line))).toEqual([])
}
