/** What groups of paths share: how their pages look, and what they work with. */
import type { Organisation } from '../../domain/report/organisation.ts'
import type { ReaderActions } from '../../usecases/links/reader-actions.ts'
import type { Log } from '../../usecases/log.ts'
import type { Pages } from './pages.ts'

/** How pages look. */
export type PageStyle = { readonly organisation: Organisation; readonly styleSheet: string }

/** What a group of paths works with. */
export type Site = { readonly readers: ReaderActions; readonly log: Log; readonly pages: Pages }
