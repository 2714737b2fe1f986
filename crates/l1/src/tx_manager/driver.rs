//! The task: it looks at the L1, tells the state machine, and carries out what that asks for.

use super::{
    Hold, TxCandidate, TxEvent, TxManagerConfig, TxManagerStatus, TxPayload,
    core::{Action, Core, Observation},
    fees::{Fees, Market},
    refusal::Refusal,
    sidecar::{SidecarForm, build_sidecar},
    signer::{Envelope, sign},
    slot::Shape,
};
use crate::{L1Client, L1Error, metrics};
use alloy_primitives::B256;
use alloy_signer_local::PrivateKeySigner;
use openledger_primitives::{BlobSidecar, PooledTx, Tx};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

/// What the manager's users ask for.
#[derive(Debug)]
pub(super) enum Command {
    Send(u64, TxCandidate),
    Forget(u64),
}

/// Everything that the state machine does not need to know of a nonce.
#[derive(Debug)]
struct Work {
    candidate: TxCandidate,
    /// Built once, and kept while it may have to be sent.
    sidecar: Option<Arc<BlobSidecar>>,
    /// What was signed last.
    signed: Option<Tx>,
}

impl Work {
    /// The blobs in a form, built where they are not yet; `None` for a transaction without.
    async fn sidecar(&mut self, form: SidecarForm) -> Result<Option<Arc<BlobSidecar>>, String> {
        let TxPayload::Blobs(data) = &self.candidate.payload else {
            return Ok(None);
        };
        let fits = |sidecar: &Arc<BlobSidecar>| SidecarForm::of(sidecar) == form;
        if !self.sidecar.as_ref().is_some_and(fits) {
            let data = data.clone();
            let built = spawn_blocking(move || build_sidecar(&data, form))
                .await
                .map_err(|_| "the work on its blobs was aborted".to_owned())??;
            self.sidecar = Some(Arc::new(built));
        }
        Ok(self.sidecar.clone())
    }
}

pub(super) struct Driver {
    client: L1Client,
    signer: PrivateKeySigner,
    chain_id: u64,
    config: TxManagerConfig,
    core: Core,
    works: BTreeMap<u64, Work>,
    status: watch::Sender<TxManagerStatus>,
    started: Instant,
    form: SidecarForm,
    /// The endpoint refused this form: what the schedule says does not hold there.
    refused_form: Option<SidecarForm>,
    /// Why the last look at the L1 failed.
    failure: Option<String>,
    /// The kind of hold that was logged, and the count then.
    complaint: Option<(&'static str, u64)>,
}

impl Driver {
    pub(super) fn new(
        client: &L1Client,
        signer: PrivateKeySigner,
        chain_id: u64,
        config: TxManagerConfig,
    ) -> Self {
        Self {
            // What fails is tried at the next look, with what is known by then.
            client: client.without_retries(),
            signer,
            chain_id,
            core: Core::new(&config),
            config,
            works: BTreeMap::new(),
            status: watch::Sender::default(),
            started: Instant::now(),
            form: SidecarForm::Blobs,
            refused_form: None,
            failure: None,
            complaint: None,
        }
    }

    pub(super) fn status(&self) -> watch::Receiver<TxManagerStatus> {
        self.status.subscribe()
    }

    /// Ends when nobody can ask for anything any more.
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        events: mpsc::UnboundedSender<TxEvent>,
    ) {
        let client = self.client.clone();
        let mut next_look = Instant::now() + self.config.poll_interval;
        loop {
            self.act().await;
            for event in self.core.take_events() {
                self.on_event(event);
                // Nobody may be interested.
                let _ = events.send(event);
            }
            self.publish();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => return,
                },
                () = sleep_until(next_look) => {
                    let looked = self.look(&client).await;
                    self.failure = looked.err().map(|error| error.to_string());
                    next_look = Instant::now() + self.config.poll_interval;
                }
            }
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Send(nonce, candidate) => {
                self.core.submit(nonce, Shape::of(&candidate));
                if let Some(work) = self.works.get(&nonce) {
                    if work.candidate != candidate {
                        tracing::error!(
                            name = self.config.name,
                            nonce,
                            "another payload was asked for at a nonce: the first one stays"
                        );
                    }
                    return;
                }
                let work = Work {
                    candidate,
                    sidecar: None,
                    signed: None,
                };
                self.works.insert(nonce, work);
            }
            Command::Forget(below) => {
                self.core.forget(below);
                self.works = self.works.split_off(&below);
            }
        }
    }

    fn on_event(&mut self, event: TxEvent) {
        if let TxEvent::Confirmed { nonce } = event
            && let Some(work) = self.works.get_mut(&nonce)
        {
            // Should it ever be needed again it is built again.
            work.sidecar = None;
        }
    }

    /// Looks at the L1 once, by one endpoint; when that fails and another one takes its place, by that one.
    pub(super) async fn look(&mut self, client: &L1Client) -> Result<(), L1Error> {
        let mut pins = client.pins();
        loop {
            match self.look_by(&pins.client()).await {
                Err(_) if pins.another() => {}
                outcome => return outcome,
            }
        }
    }

    /// Everything about the account is asked at the head's hash; while that is the same nothing has changed, unless it is another
    /// endpoint's, whose pool may be another.
    async fn look_by(&mut self, client: &L1Client) -> Result<(), L1Error> {
        let head = client.head().await?;
        let endpoint = client.endpoint();
        if self
            .core
            .seen()
            .is_some_and(|seen| seen.head == head.id() && seen.endpoint == endpoint)
        {
            return Ok(());
        }
        let (count, balance) = client.account_at(self.signer.address(), head.hash).await?;
        let market = Market {
            base_fee: head.base_fee.into(),
            tip: client.suggested_tip().await?,
            blob_base_fee: head.excess_blob_gas.map(|_| head.blob_base_fee),
        };
        let anchors = self.core.anchors(head.number);
        let settled = head.number.saturating_sub(self.config.confirmations);
        let replaced = client.lowest_replaced(anchors, settled).await?;
        let pool = client.knows(self.core.in_flight(count)).await?;
        let schedule = &client.options().blob_schedule;
        let by_schedule = if schedule.has_cell_proofs(head.timestamp) {
            SidecarForm::Cells
        } else {
            SidecarForm::Blobs
        };
        self.form = match self.refused_form {
            Some(refused) if refused == by_schedule => refused.other(),
            _ => by_schedule,
        };
        if !client.endpoints().is_trusted(endpoint) {
            // It was found to be another chain's meanwhile.
            return Err(L1Error::NoEndpoint);
        }
        let observation = Observation {
            endpoint,
            head: head.id(),
            count,
            balance,
            market,
            replaced,
            pool,
        };
        self.core.on_observation(observation, self.now());
        Ok(())
    }

    /// Carries out everything that there is to do.
    async fn act(&mut self) {
        while let Some(action) = self.core.next_action(self.now()) {
            match action {
                Action::Sign { nonce, fees } => match self.sign(nonce, fees).await {
                    Ok(hash) => self.core.on_signed(nonce, hash, fees, self.now()),
                    Err(reason) => self.core.on_not_signed(nonce, reason, self.now()),
                },
                Action::Broadcast { nonce, hash } => {
                    let answer = self.broadcast(nonce).await;
                    self.core.on_answer(nonce, hash, answer, self.now());
                }
            }
        }
    }

    async fn sign(&mut self, nonce: u64, fees: Fees) -> Result<B256, String> {
        let name = self.config.name;
        let work = self.works.get_mut(&nonce).ok_or("it is not known")?;
        let sidecar = work.sidecar(self.form).await?;
        let blobs = sidecar.map_or_else(Vec::new, |one| one.versioned_hashes().collect());
        let envelope = Envelope {
            chain_id: self.chain_id,
            nonce,
            fees,
            blobs,
        };
        let tx = sign(&self.signer, &work.candidate, envelope)?;
        let hash = tx.hash();
        if work.signed.replace(tx).is_some() {
            tracing::info!(name, nonce, %hash, ?fees, "a transaction is replaced by one that offers more");
            metrics::record_tx_bump(name);
        } else {
            tracing::debug!(name, nonce, %hash, ?fees, "a transaction is signed");
        }
        Ok(hash)
    }

    async fn broadcast(&mut self, nonce: u64) -> Result<(), Refusal> {
        let name = self.config.name;
        let unknown = || Refusal::Other("it is not known".into());
        let work = self.works.get_mut(&nonce).ok_or_else(unknown)?;
        let tx = work.signed.clone().ok_or_else(unknown)?;
        let sidecar = work.sidecar(self.form).await.map_err(Refusal::Other)?;
        let raw = PooledTx { tx, sidecar }.encode();
        let answer = self.client.send_raw(raw).await;
        match &answer {
            Ok(()) | Err(Refusal::Known | Refusal::NonceTooLow) => {}
            Err(refusal) => {
                metrics::record_tx_refused(name);
                tracing::debug!(
                    name,
                    nonce,
                    ?refusal,
                    "the L1 does not take a transaction; it stays in hand"
                );
            }
        }
        if answer == Err(Refusal::SidecarForm) {
            self.refused_form = Some(self.form);
            self.form = self.form.other();
        }
        answer
    }

    /// Tells everybody what has changed.
    pub(super) fn publish(&mut self) {
        let Some(seen) = self.core.seen() else { return };
        let (in_flight, waiting) = self.core.pending();
        let failure = self.failure.clone().map(Hold::Endpoint);
        let hold = failure.or_else(|| self.core.hold().cloned());
        let status = TxManagerStatus {
            head: seen.head,
            count: seen.count,
            balance: seen.balance,
            in_flight,
            waiting,
            // With nothing to send nothing is held up.
            hold: hold.filter(|_| in_flight + waiting > 0),
        };
        self.complain(&status);
        metrics::record_tx_manager(self.config.name, &status);
        self.status.send_if_modified(|current| {
            let changed = *current != status;
            if changed {
                *current = status;
            }
            changed
        });
    }

    /// Says once why transactions wait, and again only after something got through: an endpoint that comes and goes does not fill
    /// the log.
    fn complain(&mut self, status: &TxManagerStatus) {
        let name = self.config.name;
        match (&status.hold, self.complaint) {
            (Some(hold), said) if said.is_none_or(|(label, _)| label != hold.label()) => {
                self.complaint = Some((hold.label(), status.count));
                match hold {
                    Hold::Funds { balance, needed } => tracing::error!(
                        name, %balance, %needed, waiting = status.waiting,
                        "transactions to the L1 wait for funds: refill the account, they go on by themselves"
                    ),
                    Hold::FeeLimit => tracing::warn!(
                        name,
                        waiting = status.waiting,
                        in_flight = status.in_flight,
                        "transactions to the L1 wait: it asks for more than the fee limits allow"
                    ),
                    hold => {
                        tracing::warn!(name, ?hold, "transactions to the L1 wait; trying again")
                    }
                }
            }
            (None, Some((_, count)))
                if status.count > count || status.in_flight + status.waiting == 0 =>
            {
                self.complaint = None;
                tracing::info!(name, "transactions to the L1 go on");
            }
            _ => {}
        }
    }
}
