/** Second half of the daily trial, on stages that mail: mails to the mail service's simulator. */

import { letterOf } from '../../domain/delivery/letter.ts'
import type { Report } from '../../domain/page/page.ts'
import type { SyntheticMessage } from '../../domain/report/messages.ts'
import { mailedName, simulatorAddress, syntheticFolder, syntheticMailId } from '../../domain/report/synthetic.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { composeWithin } from '../../mail/message.ts'
import { senderName } from '../delivery/compose-mail.ts'
import type { Services } from '../services.ts'
import { readSynthetic, readSyntheticManifest } from './read-synthetic.ts'

type SyntheticMailing = Pick<Services, 'archive' | 'clock'> & {
  readonly mailer: Mailer
  readonly from: string
  readonly site: string
}

const language = 'fr'

/**
 * A crash between sending and recording sends the mail twice, which is harmless.
 * @throws SyntheticFaultError where its files are missing or changed; MailRefusedError, AddressRefusedError
 */
export const mailSynthetic = async (
  { scheduledAt }: SyntheticMessage,
  { archive, clock, mailer, from, site }: SyntheticMailing,
): Promise<'mailed' | 'mailed before'> => {
  const folder = syntheticFolder(scheduledAt)
  const mailed = `${folder}${mailedName}`
  for await (const _ of archive.list(mailed)) return 'mailed before'
  const manifest = await readSyntheticManifest(folder, archive)
  const file = (name: string) => readSynthetic(folder, manifest, name, archive)
  const report = JSON.parse(new TextDecoder().decode(await file('report.json'))) as Report
  const pdf = `report.${language}.pdf`
  const id = syntheticMailId(scheduledAt)
  const links = { read: site, unsubscribe: site }
  const { mail } = await composeWithin(
    (attached) =>
      letterOf(report, { recipient: { language }, content: 'findings', occasion: { kind: 'first' }, links, attached }),
    {
      from: { name: senderName, address: from },
      to: { address: simulatorAddress },
      unsubscribe: links.unsubscribe,
      date: clock(),
      id,
    },
    [{ name: pdf, contentType: 'application/pdf', bytes: await file(pdf) }],
  )
  const { messageId } = await mailer.send(mail, id)
  const at = clock().toISOString()
  await archive.put(mailed, new TextEncoder().encode(`${JSON.stringify({ messageId, at })}\n`), 'application/json')
  return 'mailed'
}
