/**
 * Tells when the account's bill is forecast to pass so many dollars a month. AWS asks nothing for a budget that only
 * tells.
 */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import { Construct } from 'constructs'

type BudgetProps = {
  readonly stage: string
  /** A month, of the whole account: a budget of one stage's tag would need it activated for billing first. */
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
