//! Stopping leaves no process behind, and the next start still has every document.

use crate::support::Fleet;
use fleet_tests::tree::command_line;

#[tokio::test]
async fn a_stopped_fleet_leaves_no_process_and_keeps_every_document() {
    let fleet = Fleet::up(&[]).await;
    let done = fleet.submit(&samples::documents_dir().join("invoice-de.pdf"));
    assert_eq!(fleet.ended(&done).await["status"], "done");
    let unfinished = fleet.submit(&samples::documents_dir().join("contract-scan-en.jpg"));
    let processes: Vec<(i32, String)> = fleet
        .processes()
        .into_iter()
        .map(|process| (process.pid(), command_line(process.pid())))
        .collect();
    assert!(processes.len() > 8, "{processes:?}");

    let data = fleet.stop().await;
    for (pid, line) in &processes {
        assert_ne!(&command_line(*pid), line, "process {pid} is still there");
    }

    let fleet = Fleet::up_again(data, &[]).await;
    assert_eq!(fleet.status(&done).expect("the first document")["status"], "done");
    assert_eq!(
        fleet.ended(&unfinished).await["status"],
        "done",
        "what was stopped is finished"
    );
    fleet.stop().await;
}
