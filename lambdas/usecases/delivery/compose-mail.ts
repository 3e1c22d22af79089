import type { Marking } from '../../domain/core/marking.ts'
import { type Delivery, deliveryId } from '../../domain/delivery/delivery.ts'
import { digestLetterOf } from '../../domain/delivery/digest-letter.ts'
import { closedHead, type LetterOptions, letterOf } from '../../domain/delivery/letter.ts'
import { reportWordingOf } from '../../domain/page/words/edition-words.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { composeMail, composeWithin } from '../../mail/message.ts'
import { recallMail } from '../../mail/short-mail.ts'
import type { Mailing } from './mailing.ts'
import type { DigestMailing, DigestPart } from './send-digests.ts'

type MailingParts = {
  readonly mailer: Mailer
  readonly from: string
  readonly site: string
  readonly contact?: string | undefined
  readonly fullUpTo?: Marking | undefined
  readonly clock: () => Date
}

const senderName = 'Vigie'

export const mailingOn = ({ mailer, from, site, contact, fullUpTo, clock }: MailingParts): Mailing & DigestMailing => ({
  mailer,
  site,
  writeDigest: ({ name, recipient, parts, late, paused, unsubscribe }) => {
    const partOf = ({ delivery, ...part }: DigestPart) => ({ ...part, occasion: occasionOf(delivery) })
    const [first, ...more] = parts
    const all = [partOf(first), ...more.map(partOf)] as const
    return composeMail(digestLetterOf({ recipient, parts: all, late, paused, unsubscribe, contact, fullUpTo }), {
      ...{ from: { name: senderName, address: from }, to: { name: recipient.name, address: recipient.address } },
      ...{ unsubscribe, date: clock(), id: name, attachments: [] },
    })
  },
  writeRecall: ({ recipient, report, ...recall }) => {
    const { territory, kind, period } = closedHead(report, reportWordingOf(report, recipient.language))
    const { cap: marking, version } = report
    return recallMail({
      ...{ to: recipient, from, contact, date: clock() },
      ...{ about: { territory, kind, period, marking, version }, ...recall },
    })
  },
  write: async ({ delivery, recipient, report, content, form, links, file }) => {
    const { name, address, language } = recipient
    const occasion = occasionOf(delivery)
    const files =
      form === 'link'
        ? []
        : [
            {
              name: `vigie-${delivery.territory}-${delivery.period}-v${delivery.version}.${language}.pdf`,
              contentType: 'application/pdf',
              bytes: await file(`report.${language}.pdf`),
            },
          ]
    const { mail, attached } = await composeWithin(
      (withFile) => letterOf(report, { recipient, content, occasion, links, attached: withFile, contact, fullUpTo }),
      {
        from: { name: senderName, address: from },
        to: { name, address },
        unsubscribe: links.unsubscribe,
        date: clock(),
        id: deliveryId(delivery),
      },
      files,
    )
    return { mail, form: attached ? 'attachment' : 'link' }
  },
})

const occasionOf = ({ corrects }: Delivery): LetterOptions['occasion'] =>
  corrects === undefined ? { kind: 'first' } : { kind: 'correction', version: corrects }
