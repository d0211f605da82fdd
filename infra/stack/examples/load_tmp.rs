#![allow(missing_docs, clippy::pedantic)]
use std::time::{Duration, Instant};
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

// load_tmp URL BODY CLIENTS SECONDS [TARGET]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (url, body, clients, secs) = (a[1].clone(), a[2].clone(), a[3].parse::<usize>().unwrap(), a[4].parse::<u64>().unwrap());
    let target = a.get(5).cloned();
    let end = Instant::now() + Duration::from_secs(secs);
    let mut hs = Vec::new();
    for _ in 0..clients {
        let (url, body, target) = (url.clone(), body.clone(), target.clone());
        hs.push(tokio::spawn(async move {
            let mut c = hyper_util::client::legacy::connect::HttpConnector::new();
            c.set_nodelay(true);
            let client = Client::builder(TokioExecutor::new()).build(c);
            let mut lat = Vec::new();
            while Instant::now() < end {
                let s = Instant::now();
                let mut r = Request::post(&url).header("content-type", if target.is_some() {"application/x-amz-json-1.0"} else {"application/json"});
                if let Some(t) = &target { r = r.header("x-amz-target", t); }
                let r = r.body(Full::new(bytes::Bytes::from(body.clone()))).unwrap();
                let resp = client.request(r).await.unwrap();
                let st = resp.status();
                let b = resp.into_body().collect().await.unwrap().to_bytes();
                if !st.is_success() { panic!("{st} {b:?}"); }
                lat.push(s.elapsed().as_micros() as u64);
            }
            lat
        }));
    }
    let mut all = Vec::new();
    for h in hs { all.extend(h.await.unwrap()); }
    all.sort();
    println!("n={} rate={}/s p50={}us p99={}us", all.len(), all.len() as u64 / secs, all[all.len()/2], all[all.len()*99/100]);
}
