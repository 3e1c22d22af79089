import type { Organisation } from '../../domain/report/organisation.ts'
import type { ReaderActions } from '../../usecases/links/reader-actions.ts'
import type { Log } from '../../usecases/log.ts'
import type { Pages } from './pages.ts'

export type PageStyle = { readonly organisation: Organisation; readonly styleSheet: string }

export type Site = { readonly readers: ReaderActions; readonly log: Log; readonly pages: Pages }
