//! The stack as a whole: what it starts, in which order, and how it stops.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{self, Instant};

use crate::api::Api;
use crate::clock::{Clock, ClockError};
use crate::control::{Control, Parts};
use crate::data::Data;
use crate::dynamodb::DynamoDb;
use crate::faults::Faults;
use crate::lambda::{self, Endpoints, Function};
use crate::mapping::Poller;
use crate::queues::Sqs;
use crate::rights::{self, FunctionRights, Rights, Service};
use crate::secrets::Secrets;
use crate::server::{self, Server};
use crate::template::{Document, Scope, System};
use crate::{Error, Options, functions, random, schedule};

/// How long requests to the stand-ins may go on after that.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// The template's secret that holds the admin key.
const ADMIN_KEY: &str = "AdminKey";

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    addresses: Addresses,
    control: Control,
    functions: Vec<Arc<Function>>,
    /// Those of them that a schedule invokes.
    scheduled: Vec<Arc<Function>>,
    stop: watch::Sender<bool>,
    /// Pollers and schedules.
    workers: JoinSet<()>,
    front: Server,
    behind: Vec<Server>,
    faults: Faults,
    grace: Duration,
    /// Dropped last: it holds the lock, and may remove the directory.
    data: Data,
}

/// Where everything is; also what `postrider up --ready-file` writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// The HTTP API, such as `http://127.0.0.1:4400`.
    pub api: String,
    /// Lambda's Invoke API, and `/_stack`.
    pub invoke: String,
    /// SQS.
    pub sqs: String,
    /// DynamoDB.
    pub dynamodb: String,
    /// Secrets Manager.
    pub secrets_manager: String,
    /// The admin API key.
    pub admin_key: String,
    /// The stack's own process.
    pub pid: u32,
}

/// The listeners, bound before anything needs to know their ports.
struct Listeners {
    api: TcpListener,
    invoke: TcpListener,
    sqs: TcpListener,
    dynamodb: TcpListener,
    secrets_manager: TcpListener,
    runtime: TcpListener,
    runtime_api: String,
}

impl Stack {
    /// Starts a stack and returns when it takes requests.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let document = Document::read(&options.template)?;
        let parameters = parameters(&document, &options)?;
        let data = if options.ephemeral {
            Data::ephemeral(options.files)?
        } else {
            Data::take(&options.data)?
        };
        let admin_key = data.secret(ADMIN_KEY, random::admin_key)?;
        let (listeners, addresses) = listen(options.port, admin_key).await?;
        let system = describe(&document, &addresses, parameters)?;

        let rights = Rights::of(&system.functions, &data.logs()?, options.logs)?;
        let front = Front {
            rights: rights.clone(),
            latency: options.latency,
            faults: options.faults.clone(),
        };
        let (dynamodb, dynamodb_server) =
            serve_dynamodb(&data, &system, &front, listeners.dynamodb)?;
        let (engine, sqs_server) = serve_sqs(&data, &addresses.sqs, &front, listeners.sqs)?;
        let sqs = Sqs::new(&addresses.sqs);
        sqs.ensure(&system.queues).await?;
        let secrets = Secrets::open(&data, &system.secrets)?;
        let secrets_manager = front.before(secrets.router(), Service::SecretsManager);
        let secrets_manager = Server::spawn(listeners.secrets_manager, secrets_manager);

        let clock = options.clock.then(|| Clock::start(&data, engine.clone())).transpose()?;
        let endpoints = Endpoints {
            sqs: addresses.sqs.clone(),
            dynamodb: addresses.dynamodb.clone(),
            secrets_manager: addresses.secrets_manager.clone(),
            runtime_api: listeners.runtime_api,
            clock: clock.as_ref().map(|clock| clock.file().to_path_buf()),
        };
        let functions = functions::create(&system, &data, &endpoints, &options)?;
        check_mappings(&system, &functions, &sqs).await?;
        let runtime =
            Server::spawn(listeners.runtime, lambda::runtime_api::router(functions.clone()));
        functions::warm(&functions).await?;

        let (stop, stopped) = watch::channel(false);
        let scheduled = system
            .functions
            .iter()
            .zip(&functions)
            .filter(|(description, _)| description.schedule.is_some());
        let scheduled = scheduled.map(|(_, function)| function.clone()).collect();
        let workers = work(&system, &functions, &sqs, &stopped);
        let api = Api::new(functions::routes(system.routes, &functions)?);
        let queues = system.queues.into_iter().map(|queue| queue.name).collect();
        let control = Control::new(Parts {
            functions: functions.clone(),
            dynamodb,
            engine,
            sqs,
            queues,
            api: api.clone(),
            rights,
            clock,
        });
        let invoke = lambda::invoke_api::router(functions.clone()).merge(control.router());
        let front = Server::spawn(listeners.api, api.router());
        let behind = vec![
            Server::spawn(listeners.invoke, invoke),
            runtime,
            sqs_server,
            dynamodb_server,
            secrets_manager,
        ];
        let faults = options.faults;
        Ok(Self {
            addresses,
            control,
            functions,
            scheduled,
            stop,
            workers,
            front,
            behind,
            faults,
            grace: options.grace,
            data,
        })
    }

    /// Where everything is.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What `GET /_stack` says: processes, queues, and counts.
    pub async fn status(&self) -> Value {
        self.control.status().await
    }

    /// What each function may do, and did so far; what `GET /_stack/rights` says.
    #[must_use]
    pub fn rights(&self) -> BTreeMap<&str, FunctionRights> {
        self.control.rights()
    }

    /// Lets time pass at once: from here on the clock of functions, queues and this process is
    /// ahead of the machine's by this much. A message in flight shows again when its time is over,
    /// as if its invocation had crashed: this is for a stack at rest. Refused for less than before,
    /// and unless [`Options::clock`] was set.
    pub fn run_ahead_by(&self, ahead: Duration) -> Result<(), ClockError> {
        self.control.run_ahead_by(ahead)
    }

    /// Runs what a schedule runs, now.
    pub async fn tick(&self) {
        for function in &self.scheduled {
            schedule::tick(function).await;
        }
    }

    /// The functions.
    #[must_use]
    pub fn functions(&self) -> &[Arc<Function>] {
        &self.functions
    }

    /// What may go wrong with SQS and DynamoDB.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// DynamoDB, beside its protocol.
    #[must_use]
    pub fn dynamodb(&self) -> &DynamoDb {
        self.control.dynamodb()
    }

    /// How many invocations of each function run now. Idle functions are left out.
    #[must_use]
    pub fn running(&self) -> BTreeMap<&str, usize> {
        let counts =
            self.functions.iter().map(|function| (function.name.as_str(), function.status().busy));
        counts.filter(|(_, busy)| *busy > 0).collect()
    }

    /// Stops: takes nothing new, lets running invocations finish for at most
    /// [`Options::grace`], and ends every process. The messages of invocations that did not finish stay in their queues.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let deadline = Instant::now() + self.grace;
        let _ = time::timeout_at(deadline, self.front.stop()).await;
        let finished = async { while self.workers.join_next().await.is_some() {} };
        let _ = time::timeout_at(deadline, finished).await;
        // A worker that still waits would report the end of its invocation as a failed batch.
        self.workers.shutdown().await;
        let stopping = self.functions.iter().map(|function| {
            let left = deadline.saturating_duration_since(Instant::now());
            function.stop(left)
        });
        join_all(stopping).await;
        // Nothing runs any more; a client that keeps a request open must not keep the stack.
        let stopping = self.behind.into_iter().map(Server::stop);
        let _ = time::timeout(LAST_REQUESTS, join_all(stopping)).await;
    }
}

/// What stands before each stand-in.
struct Front {
    rights: Rights,
    latency: Duration,
    faults: Faults,
}

impl Front {
    fn before(&self, stand_in: Router, service: Service) -> Router {
        let stand_in = self.faults.before(server::delayed(stand_in, self.latency), service);
        rights::guarded(stand_in, self.rights.clone(), service)
    }
}

async fn listen(port: u16, admin_key: String) -> Result<(Listeners, Addresses), Error> {
    let (api, api_address) = server::listen(port).await?;
    let (invoke, invoke_address) = server::listen(0).await?;
    let (sqs, sqs_address) = server::listen(0).await?;
    let (dynamodb, dynamodb_address) = server::listen(0).await?;
    let (secrets_manager, secrets_manager_address) = server::listen(0).await?;
    let (runtime, runtime_address) = server::listen(0).await?;
    let url = |address| format!("http://{address}");
    let addresses = Addresses {
        api: url(api_address),
        invoke: url(invoke_address),
        sqs: url(sqs_address),
        dynamodb: url(dynamodb_address),
        secrets_manager: url(secrets_manager_address),
        admin_key,
        pid: std::process::id(),
    };
    let runtime_api = url(runtime_address);
    Ok((Listeners { api, invoke, sqs, dynamodb, secrets_manager, runtime, runtime_api }, addresses))
}

/// The parameters' values. An error before anything is started if the template refuses one.
fn parameters(document: &Document, options: &Options) -> Result<BTreeMap<String, Value>, Error> {
    let local = [
        // Receivers on this machine, by their loopback address, at any port and by plain http. Names
        // are judged as in any deployment.
        ("EgressAllow", "127.0.0.0/8,::1/128"),
        // Whoever tries something out should not wait a minute for it.
        ("TickSeconds", "5"),
    ];
    let local = local.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Ok(document.parameters(&options.parameters, &local)?)
}

fn describe(
    document: &Document,
    addresses: &Addresses,
    parameters: BTreeMap<String, Value>,
) -> Result<System, Error> {
    let scope = Scope::new(document, parameters, &addresses.sqs, &addresses.api)?;
    Ok(System::describe(document, &scope)?)
}

fn serve_dynamodb(
    data: &Data,
    system: &System,
    front: &Front,
    listener: TcpListener,
) -> Result<(DynamoDb, Server), Error> {
    let dynamodb = DynamoDb::open(data.database("dynamodb.sqlite").as_deref(), &system.tables)?;
    let router = front.before(dynamodb.router(), Service::DynamoDb);
    let server = Server::spawn_thread("dynamodb", listener, router, dynamodb.clone().sweep())?;
    Ok((dynamodb, server))
}

fn serve_sqs(
    data: &Data,
    address: &str,
    front: &Front,
    listener: TcpListener,
) -> Result<(sqs::Engine, Server), Error> {
    let engine = sqs::Engine::open(data.database("sqs.sqlite").as_deref(), address);
    let engine = engine.map_err(|error| Error::Sqs(error.to_string()))?;
    let router = front.before(sqs::router(engine.clone()), Service::Sqs);
    let server = Server::spawn_thread("sqs", listener, router, std::future::pending())?;
    Ok((engine, server))
}

async fn check_mappings(
    system: &System,
    functions: &[Arc<Function>],
    sqs: &Sqs,
) -> Result<(), Error> {
    for (description, function) in system.functions.iter().zip(functions) {
        for mapping in &description.mappings {
            Poller::new(sqs, mapping, function).check().await?;
        }
    }
    Ok(())
}

/// Starts the pollers and the schedules.
fn work(
    system: &System,
    functions: &[Arc<Function>],
    sqs: &Sqs,
    stopped: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    for (description, function) in system.functions.iter().zip(functions) {
        for mapping in &description.mappings {
            let poller = Poller::new(sqs, mapping, function);
            for _ in 0..mapping.concurrency {
                workers.spawn(poller.clone().run(stopped.clone()));
            }
        }
        if let Some(period) = description.schedule {
            workers.spawn(schedule::run(function.clone(), period, stopped.clone()));
        }
    }
    workers
}
