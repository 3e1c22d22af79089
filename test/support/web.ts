/**
 * The web on a real home: mails with links that were really delivered, a mailbox that tests read, and requests as
 * browsers send them.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Hono } from 'hono'
import PostalMime from 'postal-mime'
import { story } from '../../bin/cli/story.ts'
import { signedFolder } from '../../lambdas/archive/signed-urls.local.ts'
import type { SignedFiles } from '../../lambdas/archive/signed-urls.s3.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { Organisation } from '../../lambdas/domain/report/organisation.ts'
import { readNdjson } from '../../lambdas/intake/json/ndjson.ts'
import type { Mailer } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { type Mailing } from '../../lambdas/usecases/delivery/mailing.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { readerActions } from '../../lambdas/usecases/links/reader-actions.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { webApp } from '../../lambdas/web/app.ts'
import { ndjson, newFolder } from './cli.ts'
import { postForm } from './post-form.ts'
import { type Opened, openServices } from './services.ts'

type Mail = { readonly to: string; readonly subject: string; readonly text: string; readonly raw: string }

export type Web = {
  readonly opened: Opened
  readonly app: Hono
  /** Mails that the web sent, the newest last. */
  readonly mails: Mail[]
  /** What was logged: what, and its facts. */
  readonly logged: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> }[]
  /** What the mail service does with the next mails, but take them. */
  refuse(with_: Error | undefined): void
  /** Tokens of the mail on a version, to a recipient. */
  linkTo(recipient: Recipient, options?: LinkOptions): Promise<{ readonly read: string; readonly leave: string }>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  post(
    path: string,
    form?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
  /** The code in the newest mail. */
  code(): string
  /** The same web, of another house, or with files that another site serves. */
  ofOrganisation(organisation: Organisation, files?: SignedFiles): Hono
  /** Everything that the table holds of tokens, deliveries and recipients, and how many mails went out. */
  state(): Promise<string>
  close(): Promise<void>
}

type LinkOptions = { readonly cap?: Marking; readonly period?: string; readonly territory?: 'NC' | 'PF' }

export const site = 'http://127.0.0.1'

export const openWeb = async (organisation: Organisation = {}): Promise<Web> => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  const chunks = async function* () {
    yield readFileSync(story.file)
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', opened.services)

  const marked = ['2024-05-15', '2024-05-08'].map((from) => ({
    id: `marked-${from}`,
    detector: 'watch',
    kind: 'copy-paste',
    title: { fr: 'Constat réservé', en: 'Reserved finding' },
    territories: ['NC'],
    observed: { from },
    counts: { posts: 7 },
    marking: 'TLP:AMBER',
  }))
  const lines = async function* () {
    yield Buffer.from(ndjson(...marked))
  }
  await ingestDetections(readNdjson(lines(), { file: 'marked' }), 'marked', opened.services)

  const mails: Mail[] = []
  const logged: Web['logged'] = []
  let refusal: Error | undefined
  const mailer: Mailer = {
    send: async ({ to, subject, raw }) => {
      await pause(1)
      if (refusal) throw refusal
      const { text = '' } = await PostalMime.parse(raw)
      mails.push({ to, subject, text, raw: Buffer.from(raw).toString() })
      return { messageId: `m-${mails.length}` }
    },
  }
  const log = (what: string, facts: Readonly<Record<string, unknown>>) => void logged.push({ what, facts })
  const here = signedFolder(opened.services.archive, opened.services.clock)
  const ofOrganisation = (own: Organisation, files: SignedFiles = here): Hono => {
    const parts = { mailer, from: 'vigie@example.org', files, log }
    const readers = readerActions({ ...opened.services, organisation: own }, parts)
    const app = webApp({ readers, organisation: own, log, filesOrigin: files.origin, secure: false })
    here.routes(app)
    return app
  }
  const app = ofOrganisation(organisation)
  const tokens: string[] = []

  return {
    opened,
    app,
    mails,
    logged,
    refuse: (error) => {
      refusal = error
    },
    linkTo: async (recipient, { cap = 'TLP:AMBER', period = '2024-W20', territory = 'NC' } = {}) => {
      for await (const one of opened.services.recipients.all()) {
        await opened.services.recipients.replace({ ...one, state: 'unsubscribed', reason: 'another test’s' })
      }
      await opened.services.recipients.replace(recipient)
      const { report } = await generateReport({ territory, period: parsePeriod(period), cap }, opened.services)
      let links: { read: string; unsubscribe: string } | undefined
      const mailing: Mailing = {
        mailer: { send: async () => ({ messageId: 'm' }) },
        site,
        writeRecall: async ({ recipient }) => ({
          mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
          id: 'recall',
        }),
        write: async (mail) => {
          links = mail.links
          return { mail: { to: mail.recipient.address, subject: '', raw: new Uint8Array() }, form: 'link' }
        },
      }
      const message = { territory, period, cap, version: report.version, to: 'everybody' } as const
      await deliverReport(message, opened.services, mailing)
      if (!links) throw new Error(`nothing was delivered to ${recipient.address}`)
      const [read = '', leave = ''] = [links.read, links.unsubscribe].map((url) => url.split('/').at(-1))
      tokens.push(read, leave)
      return { read, leave }
    },
    get: async (path, headers = {}) => app.request(`${site}${path}`, { headers }),
    post: (path, form = {}, headers = {}) => postForm(app, `${site}${path}`, form, headers),
    code: () => /^\d{6}$/m.exec(mails.at(-1)?.text ?? '')?.[0] ?? 'no code',
    ofOrganisation,
    state: async () => {
      const { recipients, deliveries, tokens: store } = opened.services
      const codes = await Promise.all(tokens.map((token) => store.code(token)))
      const all = [await Array.fromAsync(recipients.all()), await deliveries.about('NC', '2024-W20'), codes]
      return JSON.stringify([all, mails.length])
    },
    close: async () => {
      await opened.close()
      await remove()
    },
  }
}
