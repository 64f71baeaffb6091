import { createStripeGateway } from '../../src/payments/stripe/gateway';
import { describeGateway } from '../payments/contract';
import { SECRET_KEY, startLocalStripe, type LocalIntent } from './localstripe';

describeGateway('stripe', async () => {
  const localStripe = await startLocalStripe();

  async function amountsOf(paymentId: string, is: (intent: LocalIntent) => boolean) {
    const intents = await localStripe.intentsOf(paymentId);
    return intents.filter(is).map(({ amount }) => amount);
  }

  return {
    gateway: createStripeGateway({ secretKey: SECRET_KEY, apiBase: localStripe.url }),
    goodCard: 'pm_card_visa',
    badCard: { paymentMethod: 'pm_card_chargeCustomerFail', declineCode: 'card_declined' },
    reserved: (paymentId) => amountsOf(paymentId, ({ status }) => status === 'requires_capture'),
    taken: (paymentId) =>
      amountsOf(paymentId, ({ latest_charge: charge }) => charge?.captured === true),
    returned: async (id) => {
      const refunds = await localStripe.refundsOf(id);
      return refunds.map(({ amount }) => amount);
    },
    close: () => localStripe.stop(),
  };
});
