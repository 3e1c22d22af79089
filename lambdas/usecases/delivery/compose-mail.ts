/** What delivery mails with: letters written for their readers, by a sender, with links to a site. */

import { deliveryId } from '../../domain/delivery/delivery.ts'
import { letterOf } from '../../domain/delivery/letter.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { composeWithin } from '../../mail/message.ts'
import type { Mailing } from './deliver-report.ts'

type MailingParts = {
  readonly mailer: Mailer
  readonly from: string
  readonly site: string
  /** Whom to ask: the organisation's own word. */
  readonly contact?: string | undefined
  readonly clock: () => Date
}

/** The name beside the sender's address. */
export const senderName = 'Vigie'

export const mailingOn = ({ mailer, from, site, contact, clock }: MailingParts): Mailing => ({
  mailer,
  site,
  write: async ({ delivery, recipient, report, tells, form, links, file }) => {
    const { name, address, language } = recipient
    const occasion =
      delivery.corrects === undefined
        ? ({ kind: 'first' } as const)
        : ({ kind: 'correction', version: delivery.corrects } as const)
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
      (withFile) => letterOf(report, { recipient, tells, occasion, links, attached: withFile, contact }),
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
