/** Where the templates are. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder templates/, found upwards from this file by one that is in it: in a checkout two levels up, in a bundle
 * beside it.
 */
export const templateFolder = (holds: 'mail' | 'pages'): string => {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'templates')
    if (existsSync(join(candidate, holds))) return candidate
    if (folder === dirname(folder)) break
  }
  throw new Error(`No folder templates/${holds} above ${import.meta.dirname}: copy it beside the bundle`)
}

/**
 * Partials of a report that the reading room prints too: a note as the report has it, and on what an attribution rests.
 * Its bundle holds them.
 */
export const partialsOfRoom = ['note', 'segments', 'words', 'cell', 'dossier-table'] as const
