/** Notifies when the account's forecast bill exceeds an amount a month. Budgets that only notify are free. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import { Construct } from 'constructs'

type BudgetProps = {
  readonly stage: string
  /** Covers the whole account: a tag of one stage must first be activated for billing. */
  readonly dollars: number
  readonly mail: string
}

export class Budget extends Construct {
  constructor(scope: Construct, id: string, { stage, dollars, mail }: BudgetProps) {
    super(scope, id)
    const notificationFor = (notificationType: 'ACTUAL' | 'FORECASTED') => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold: 100,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'EMAIL', address: mail }],
    })
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `vigie-${stage}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: dollars, unit: 'USD' },
      },
      notificationsWithSubscribers: [notificationFor('FORECASTED'), notificationFor('ACTUAL')],
    })
  }
}
